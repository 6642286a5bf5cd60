using HyperDas.Engine.Checkpoints;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>The unfinished runs of a document, and the resources that each requires.</summary>
public sealed record ExperimentPlan
{
    // Margin on the prediction, which is accurate within 7 % for the bundled experiments.
    private const double Margin = 1.25;
    private const long LeastMargin = 256L << 20;

    /// <summary>The document.</summary>
    public required string Document { get; init; }

    /// <summary>Absolute folder of the plan's files.</summary>
    public required string Folder { get; init; }

    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>The requested runs.</summary>
    public required IReadOnlyList<ExperimentRun> Runs { get; init; }

    /// <summary>The unfinished ones.</summary>
    public required IReadOnlyList<ExperimentRun> Open { get; init; }

    /// <summary>
    /// The tasks: the runs, followed by tasks that share the searches for their layers. Runs come first, because they don't depend on the
    /// others.
    /// </summary>
    public required IReadOnlyList<PlanTask> Tasks { get; init; }

    /// <summary>The largest predicted memory of any of them; null if unknown.</summary>
    public MemoryPrediction? Memory { get; init; }

    /// <summary>Whether any of them uses graphics cards.</summary>
    public bool NeedsCard => Cards > 0;

    /// <summary>Number of cards over which a run's model is distributed, the largest of all runs; 0 if all use the processor.</summary>
    public int Cards => Open.Select(run => CardsOf(run.Settings.Target.Device)).DefaultIfEmpty().Max();

    /// <summary>Memory of the machine to request in bytes: the prediction with a margin.</summary>
    public long MemoryToAsk
    {
        get
        {
            // The card holds model, interpreter, hidden states and steps; the weights pass through the machine's memory.
            return WithMargin(Memory is null ? 0 : NeedsCard ? Memory.Runtime + Memory.Examples + Memory.Model : Memory.Total);
        }
    }

    /// <summary>
    /// Memory of the card to request in bytes (the largest of several), with the same margin; null without a card, or if unknown.
    /// </summary>
    public long? CardMemoryToAsk => NeedsCard && Memory is { } memory
        ? WithMargin(memory.Kernels + (memory.Devices.Count == 0
            ? memory.Model + memory.Interpreter + memory.Cache + memory.Step
            : memory.Devices.GroupBy(share => share.Device).Max(card => card.Sum(share => share.Bytes))))
        : null;

    private static int CardsOf(string device) => device.Split(',').Select(name => name.Trim().ToLowerInvariant())
        .Where(name => name.StartsWith("cuda", StringComparison.Ordinal)).Distinct().Count();

    private static long WithMargin(long predicted) => Math.Max((long)(predicted * Margin), predicted + LeastMargin);

    /// <summary>Determines the unfinished runs.</summary>
    /// <param name="file">The document.</param>
    /// <param name="options">Settings from outside the document.</param>
    /// <param name="cancellation">Checked between runs.</param>
    /// <exception cref="HyperDasException">
    /// <c>ConfigInvalid</c>; <c>RunNotFound</c>: the document has no run with an index; <c>OutputExists</c>: a folder holds a run with
    /// other settings; <c>RunLocked</c>: a process works on one of the runs; <c>OptionInvalid</c>.
    /// </exception>
    public static ExperimentPlan Of(string file, SubmissionOptions options, CancellationToken cancellation = default)
    {
        OptionLaw.ThrowIfBroken(options);
        IReadOnlyList<ExperimentRun> all = ExperimentReader.Read(file, options.Reading);
        IReadOnlyList<ExperimentRun> runs = ExperimentReader.Choose(all, options.Index?.Distinct().Order());
        List<ExperimentRun> open = [];
        MemoryPrediction? most = null;
        ExperimentMemory memory = new();
        foreach (ExperimentRun run in runs)
        {
            cancellation.ThrowIfCancellationRequested();
            if (IsOpen(run))
            {
                open.Add(run);
                MemoryPrediction? own = memory.Predict(run.Settings, cancellation);
                most = most is null || own?.Total > most.Total ? own : most;
            }
        }
        return new ExperimentPlan
        {
            Document = file, Folder = runs[0].PlanPath, Name = runs[0].Settings.Name, Runs = runs, Open = open, Memory = most,
            Tasks =
            [
                .. open.SelectMany(run => Enumerable.Range(0, Workers(run, options)).Select(i => new PlanTask(run, i, runs[0].PlanPath)))
                    .OrderBy(task => task.Worker).ThenBy(task => task.Run.Index),
            ],
        };
    }

    // The last rounds, which have few trainings, take most of the time: a quarter as many processes as layers need only a seventh more
    // time than one process per layer.
    private static int Workers(ExperimentRun run, SubmissionOptions options)
    {
        if (!run.Settings.Method.FindsLayer)
        {
            return 1;
        }
        int layers = ModelConfigFile.Load(HubFolder.Resolve(run.Settings.Target.Path)).BlockCount;
        return Math.Clamp(options.SearchParallelism ?? Math.Max(2, (layers + 3) / 4), 1, Math.Min(layers, options.Parallelism ?? layers));
    }

    private static bool IsOpen(ExperimentRun run)
    {
        ExperimentStatus status = Experiments.Runs.RunStatus.Read(run);
        return status.State switch
        {
            ExperimentState.Finished => false,
            ExperimentState.Different => throw new HyperDasException(
                "OutputExists", HyperDasErrorKind.ResourceExists, status.Error!, run.Path),
            ExperimentState.Running => throw new HyperDasException(
                "RunLocked", HyperDasErrorKind.ResourceUnavailable,
                $"'{run.Path}' belongs to a run in progress: {status.Runner}. Wait for it, or stop it.", run.Path),
            _ => true,
        };
    }
}
