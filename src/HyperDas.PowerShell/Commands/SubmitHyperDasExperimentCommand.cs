using System.Management.Automation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Plans;

namespace HyperDas.Commands;

/// <summary>
/// Submits the unfinished runs of an experiment to Slurm, or starts them as processes on this machine, and returns a job that follows them.
/// </summary>
[Cmdlet(VerbsLifecycle.Submit, "HyperDasExperiment", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(Job))]
public sealed class SubmitHyperDasExperimentCommand : ExperimentCmdlet
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(3), s_longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_perRun = TimeSpan.FromMilliseconds(10);

    [Parameter]
    [ValidateNotNullOrEmpty]
    public int[]? Index { get; set; }

    [Parameter]
    [Alias("SchedulerOption")]
    [ValidateNotNullOrEmpty]
    public string[] Sbatch { get; set; } = [];

    [Parameter]
    public int? ArrayParallelism { get; set; }

    [Parameter]
    public int? SearchParallelism { get; set; }

    [Parameter]
    public int ProcessorCount { get; set; } = 2;

    [Parameter]
    public int Notice { get; set; } = 120;

    [Parameter]
    public int MaxRequeue { get; set; } = 20;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Template { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Shell { get; set; }

    [Parameter]
    public SwitchParameter SkipPreparation { get; set; }

    [Parameter]
    public SwitchParameter Local { get; set; }

    [Parameter]
    [ValidateRange(1, 1024)]
    public int? ThrottleLimit { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    private protected override void CheckParameters() => ParameterLaw.ThrowIfBroken(
        Options(new ExperimentReadOptions()), "OptionInvalid", (nameof(SubmissionOptions.Parallelism), nameof(ArrayParallelism)),
        (nameof(SubmissionOptions.Processors), nameof(ProcessorCount)), (nameof(SubmissionOptions.Requeues), nameof(MaxRequeue)));

    private protected override void ProcessDocument(string file, ExperimentReadOptions options)
    {
        ThrowIfUnused();
        PlanTemplate template = Template is null ? PlanTemplate.Slurm() : PlanTemplate.Read(this.ResolveInput(Template)[0]);
        SubmissionOptions decided = Options(options);
        ExperimentPlan plan = Compute((_, stop) => ExperimentPlan.Of(file, decided, stop));
        if (plan.Open.Count == 0)
        {
            WriteWarning($"All {plan.Runs.Count} runs of '{file}' are finished: there is nothing to submit.");
            return;
        }
        if (Local)
        {
            RunHere(plan, decided);
        }
        else
        {
            Submit(plan, decided, template);
        }
    }

    private SubmissionOptions Options(ExperimentReadOptions reading) => new()
    {
        Reading = reading,
        Location = reading.SetFolder ?? "",
        Index = Index,
        Shell = Shell ?? CurrentShell(),
        Module = System.IO.Path.Combine(MyInvocation.MyCommand.Module.ModuleBase, "HyperDas.psd1"),
        SchedulerOptions = Sbatch,
        Parallelism = ArrayParallelism,
        // On this machine a task that only waits or helps would take processors from the others.
        SearchParallelism = SearchParallelism ?? (Local ? 1 : null),
        Processors = ProcessorCount,
        Notice = Notice,
        Requeues = MaxRequeue,
    };

    private void Submit(ExperimentPlan plan, SubmissionOptions options, PlanTemplate template)
    {
        string card = !plan.NeedsCard ? "" : plan.CardMemoryToAsk is { } bytes
            ? $", on a graphics card with {bytes >> 20:N0} MiB"
            : ", on a graphics card";
        string needs = $"{options.Processors} processors and {plan.MemoryToAsk >> 20:N0} MiB each{card}";
        if (!ShouldProcess(plan.Document, $"Submit {plan.Open.Count} of {plan.Runs.Count} runs to {template}{Shared(plan)} ({needs})"))
        {
            return;
        }
        bool prepare = !SkipPreparation;
        if (prepare && Compute((_, _) => Submitter.MissingDevice(plan)) is { } missing)
        {
            WriteWarning(
                $"This machine has no '{missing}', so the model isn't asked in advance: every task asks by itself. -SkipPreparation says "
                + "that this is intended.");
            prepare = false;
        }
        Submission submission = Compute((progress, stop) => Submitter.Submit(plan, options, template, prepare, progress, stop));
        InformWritten(System.IO.Path.Combine(plan.Folder, PlanFolder.JobFile));
        TimeSpan interval = TimeSpan.FromTicks(Math.Clamp(s_perRun.Ticks * plan.Open.Count, s_look.Ticks, s_longest.Ticks));
        StartJob(
            $"{template} {submission.Job}",
            (progress, stop) => new PlanFollower(plan).Follow(submission, template, interval, progress, stop), Name,
            () => Submitter.Cancel(submission, template));
    }

    private void RunHere(ExperimentPlan plan, SubmissionOptions options)
    {
        int throttle = Math.Min(plan.Tasks.Count, ThrottleLimit ?? Fitting(plan));
        string what = $"Run {plan.Open.Count} of {plan.Runs.Count} runs on this machine{Shared(plan)}, {throttle} at a time";
        if (!ShouldProcess(plan.Document, what))
        {
            return;
        }
        if (throttle * plan.MemoryToAsk > Available)
        {
            WriteWarning(
                $"{throttle} simultaneous runs are predicted to take more than the available {Available >> 20:N0} MiB of memory; "
                + "lower -ThrottleLimit.");
        }
        bool prepare = !SkipPreparation;
        StartJob("localhost", (progress, stop) => LocalPlan.Run(plan, options, throttle, prepare, progress, stop), Name);
    }

    private static string Shared(ExperimentPlan plan) => plan.Tasks.Count - plan.Open.Count is var helpers and > 0
        ? $", with {helpers} more {(helpers == 1 ? "task that helps" : "tasks that help")} to find their layers"
        : "";

    private static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    // Several processes with one thread each are faster than one with several threads; memory is the other limit.
    private static int Fitting(ExperimentPlan plan) => (int)Math.Clamp(Available / plan.MemoryToAsk, 1, Environment.ProcessorCount);

    private void ThrowIfUnused()
    {
        string[] ofScheduler =
        [
            nameof(Sbatch), nameof(ArrayParallelism), nameof(ProcessorCount), nameof(Notice), nameof(MaxRequeue), nameof(Template),
        ];
        if (Local && Array.Find(ofScheduler, MyInvocation.BoundParameters.ContainsKey) is { } unused)
        {
            throw Errors.NotWithLocal(unused);
        }
        if (!Local && ThrottleLimit is not null)
        {
            throw Errors.OnlyWithLocal(nameof(ThrottleLimit));
        }
        if (Array.Find(Sbatch, option => option.Any(char.IsControl) || (Template is null && !option.StartsWith('-'))) is { } wrong)
        {
            throw Errors.SchedulerOptionInvalid(wrong);
        }
        if (Sbatch.Select(PlanTemplate.UnknownIn).FirstOrDefault(name => name is not null) is { } unknown)
        {
            throw Errors.SchedulerOptionUnknown(unknown, PlanTemplate.OfOptions);
        }
    }

    // This session's program, if it can run scripts; its launcher would lose signals.
    private static string[] CurrentShell()
    {
        string program = Environment.ProcessPath ?? "";
        string name = System.IO.Path.GetFileNameWithoutExtension(program), library = Environment.GetCommandLineArgs()[0];
        return IsShell(name) ? [program]
            : name == "dotnet" && IsShell(System.IO.Path.GetFileNameWithoutExtension(library)) && File.Exists(library)
                ? [program, System.IO.Path.GetFullPath(library)]
            : ["pwsh"];
    }

    private static bool IsShell(string name) => name is "pwsh" or "hyperdas";
}
