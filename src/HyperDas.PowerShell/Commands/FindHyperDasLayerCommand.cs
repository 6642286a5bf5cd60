using System.Management.Automation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Methods;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Finds the intervention layer without a whole training at each layer: one object per layer, best first.</summary>
[Cmdlet(VerbsCommon.Find, "HyperDasLayer", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(LayerCandidate))]
public sealed class FindHyperDasLayerCommand : ExperimentCmdlet, IWriterCommand
{
    private ExperimentRunner? _runner;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public int[]? Layer { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public int[]? Index { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Worker { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Releases the last search's model.</summary>
    /// <param name="disposing">True when the pipeline has ended.</param>
    protected override void Dispose(bool disposing)
    {
        _runner?.Dispose();
        base.Dispose(disposing);
    }

    private protected override void CheckParameters()
    {
        if (Worker is not null && Force)
        {
            throw Errors.WorkerBeginsAnew();
        }
        foreach (int layer in Layer ?? [])
        {
            // The range of the layer is the same for every method.
            ParameterLaw.ThrowIfBroken(MethodSettings.Of(default, layer).Method, "LayerInvalid");
        }
    }

    private protected override void ProcessDocument(string file, ExperimentReadOptions options)
    {
        (IReadOnlyList<ExperimentRun> runs, int[]? swept) = Compute((_, _) => Read(file, options));
        ForEach(ExperimentReader.Choose(runs, Index), run =>
        {
            string folder = System.IO.Path.Combine(run.Path, RunFolder.LayersFolder);
            if (!MayWrite(OutputPlace.Folder(folder), $"Find the layer of {run.Name}"))
            {
                return;
            }
            _runner ??= new ExperimentRunner();
            IReadOnlyList<LayerCandidate> found = Compute((progress, stop) => Find(_runner, run, Layer ?? swept, progress, stop));
            InformWritten(folder);
            WarnOfLostActivations(_runner.ActivationProblem);
            WriteObject(found, enumerateCollection: true);
        });
    }

    // A document that sweeps layers determines the candidates. A document without a layer is valid here. A helper's run keeps its index in
    // the document, which may sweep it beside runs with a layer.
    private (IReadOnlyList<ExperimentRun> Runs, int[]? Layers) Read(string file, ExperimentReadOptions options)
    {
        IReadOnlyList<ExperimentRun> plain = [];
        try
        {
            plain = ExperimentReader.Read(file, options with { SkipFiles = true });
        }
        catch (HyperDasException e) when (e.ErrorId == "ConfigInvalid")
        {
        }
        if (Worker is not null && Index is not null && Array.TrueForAll(Index, i => i < plain.Count && plain[i].Settings.Method.FindsLayer))
        {
            return (ExperimentReader.Read(file, options), null);
        }
        int[] layers = [.. plain.Where(run => !run.Settings.Method.FindsLayer).Select(run => run.Settings.Method.Layer).Distinct()];
        return (
            ExperimentReader.Read(file, options with { Set = [.. options.Set, "method.layer=auto"] }), layers.Length > 1 ? layers : null);
    }

    // SIGTERM, which ends pwsh without cleanup, waits until the training's state is written.
    private IReadOnlyList<LayerCandidate> Find(
        ExperimentRunner runner, ExperimentRun run, int[]? layers, IProgress<WorkProgress> progress, CancellationToken stop)
    {
        using TerminationGuard guard = new(stop);
        try
        {
            if (Worker is not { } worker)
            {
                return runner.FindLayer(run, layers, Force, progress, guard.Token);
            }
            runner.HelpFindLayer(run, layers, worker, progress, guard.Token);
            return [];
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Errors.TrainingInterrupted(run.Path);
        }
    }
}
