using System.Management.Automation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Runs;
using HyperDas.Engine.Reports.Html;
using HyperDas.Engine.Training.States;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Runs an experiment from its YAML document: one result for each run; finished runs aren't repeated.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HyperDasExperiment", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(ExperimentResult), typeof(Job))]
public sealed class InvokeHyperDasExperimentCommand : ExperimentCmdlet, IWriterCommand
{
    private ExperimentRunner? _runner;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public int[]? Index { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public int? CheckpointInterval { get; set; }

    [Parameter]
    public SwitchParameter AsJob { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    private protected override string? JobName => Name;

    private CheckpointInterval Interval => new() { Steps = CheckpointInterval };

    /// <summary>Releases the last run's model.</summary>
    /// <param name="disposing">True when the pipeline has ended.</param>
    protected override void Dispose(bool disposing)
    {
        _runner?.Dispose();
        base.Dispose(disposing);
    }

    private protected override void CheckParameters() =>
        ParameterLaw.ThrowIfBroken(Interval, "OptionInvalid", ("Steps", nameof(CheckpointInterval)));

    private protected override void ProcessDocument(string file, ExperimentReadOptions options)
    {
        IReadOnlyList<ExperimentRun> runs = Compute((_, _) => ExperimentReader.Read(file, options));
        ExperimentRun[] chosen = [.. ExperimentReader.Choose(runs, Index)];
        if (AsJob)
        {
            ExperimentRun[] agreed = [.. chosen.Where(Agreed)];
            if (agreed.Length > 0)
            {
                bool force = Force;
                CheckpointInterval interval = Interval;
                Array.ForEach(agreed, Foresee);
                StartJob(agreed[0].Settings.Target.Device, (progress, stop) => RunAll(agreed, force, interval, progress, stop));
            }
            return;
        }
        int number = 0;
        ForEach(chosen, run =>
        {
            number++;
            if (!Agreed(run))
            {
                return;
            }
            Foresee(run);
            _runner ??= new ExperimentRunner(RunReport.Write, Interval);
            ExperimentResult result = Compute(
                (progress, stop) => RunOne(_runner, run, Force, Numbered(progress, run, number, chosen.Length), stop));
            if (!result.WasFinished)
            {
                InformWritten(run.Path);
                WarnOfLostActivations(_runner.ActivationProblem);
                if (_runner.Start is { } start)
                {
                    string sentence = $"{run.Name}: The hypernetwork starts from {start.Words}.";
                    if (start.IsAsked)
                    {
                        WriteVerbose(sentence);
                    }
                    else
                    {
                        WriteWarning(sentence);
                    }
                }
            }
            WriteVerbose(result.WasFinished
                ? $"'{run.Path}' is finished; -Force repeats it."
                : $"'{run.Path}' took {result.Duration:hh\\:mm\\:ss}.");
            foreach (ModelCheck check in result.ModelChecks.Where(c => !c.Passed))
            {
                WriteWarning($"{run.Name}: {check.Detail}");
            }
            WriteObject(result);
        });
    }

    // Before hours of training, not afterwards.
    private void Foresee(ExperimentRun run)
    {
        (string? compact, string? price) = RunForesight.Of(run, Force);
        if (compact is not null)
        {
            WriteWarning($"{run.Name}: {compact}");
        }
        if (price is not null)
        {
            WriteVerbose($"{run.Name}: {price}");
        }
        string state = new RunFolder(run.Path).File(RunFolder.StateFolder);
        if (!Force && Directory.Exists(state) && Compute((_, _) => TrainingState.OtherThreadsOf(state)) is int threads)
        {
            WarnOfOtherThreads(run.Path, threads);
        }
    }

    private bool Agreed(ExperimentRun run) => MayWrite(OutputPlace.Folder(run.Path), $"Run {run.Name}: {run.Method}");

    // Each result as soon as it is available: the job requests the next one after passing one on.
    private static IEnumerable<object> RunAll(
        ExperimentRun[] runs, bool force, CheckpointInterval interval, IProgress<WorkProgress> progress, CancellationToken stop)
    {
        using ExperimentRunner runner = new(RunReport.Write, interval);
        for (int i = 0; i < runs.Length; i++)
        {
            yield return RunOne(runner, runs[i], force, Numbered(progress, runs[i], i + 1, runs.Length), stop);
        }
    }

    // SIGTERM, which ends pwsh without cleanup, waits until the training's state is written.
    private static ExperimentResult RunOne(
        ExperimentRunner runner, ExperimentRun run, bool force, IProgress<WorkProgress> progress, CancellationToken stop)
    {
        using TerminationGuard guard = new(stop);
        try
        {
            return runner.Run(run, force, progress, guard.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Errors.TrainingInterrupted(run.Path);
        }
    }

    private static PrefixedProgress Numbered(IProgress<WorkProgress> progress, ExperimentRun run, int number, int count) =>
        new(progress, count > 1 ? $"Run {number} of {count}, {run.Name}: " : "");

    private sealed class PrefixedProgress(IProgress<WorkProgress> progress, string prefix) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => progress.Report(value with { Activity = prefix + value.Activity });
    }
}
