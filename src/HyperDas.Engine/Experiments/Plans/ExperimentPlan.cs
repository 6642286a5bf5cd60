namespace HyperDas.Engine.Experiments.Plans;

/// <summary>What is left to do of a document: its unfinished runs, and what one of them needs.</summary>
public sealed record ExperimentPlan
{
    // Beside the prediction, which holds within 7 % on what is bundled.
    private const double Margin = 1.25;
    private const long LeastMargin = 256L << 20;

    /// <summary>The document.</summary>
    public required string Document { get; init; }

    /// <summary>Absolute folder of the plan's files.</summary>
    public required string Folder { get; init; }

    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>The runs that were asked for.</summary>
    public required IReadOnlyList<ExperimentRun> Runs { get; init; }

    /// <summary>Those of them that aren't finished.</summary>
    public required IReadOnlyList<ExperimentRun> Open { get; init; }

    /// <summary>The most memory that one of them is predicted to take; null where that can't be told.</summary>
    public MemoryPrediction? Memory { get; init; }

    /// <summary>Whether they compute on graphics cards.</summary>
    public bool NeedsCard => Open.Count > 0 && Open[0].Settings.Target.Device.StartsWith("cuda", StringComparison.OrdinalIgnoreCase);

    /// <summary>On how many cards a run's model is spread; 0 where it lives on the processor.</summary>
    public int Cards => NeedsCard
        ? Open[0].Settings.Target.Device.Split(',').Select(name => name.Trim().ToLowerInvariant()).Distinct().Count()
        : 0;

    /// <summary>Memory of the machine to ask for, in bytes: the prediction with a margin.</summary>
    public long MemoryToAsk
    {
        get
        {
            // On a card are model, interpreter, hidden states and steps; the weights pass through the machine's memory.
            return WithMargin(Memory is null ? 0 : NeedsCard ? Memory.Runtime + Memory.Examples + Memory.Model : Memory.Total);
        }
    }

    /// <summary>
    /// Memory of the card to ask for, of several that with the most, in bytes, with the same margin; null without a card, or where it can't
    /// be told.
    /// </summary>
    public long? CardMemoryToAsk => NeedsCard && Memory is { } memory
        ? WithMargin(memory.Kernels + (memory.Devices.Count == 0
            ? memory.Model + memory.Interpreter + memory.Cache + memory.Step
            : memory.Devices.GroupBy(share => share.Device).Max(card => card.Sum(share => share.Bytes))))
        : null;

    private static long WithMargin(long predicted) => Math.Max((long)(predicted * Margin), predicted + LeastMargin);

    /// <summary>Finds out what is left to do.</summary>
    /// <param name="file">The document.</param>
    /// <param name="options">What was decided outside of it.</param>
    /// <param name="cancellation">Stops between two runs.</param>
    /// <exception cref="HyperDasException">
    /// <c>ConfigInvalid</c>; <c>RunNotFound</c>: the index is too large; <c>OutputExists</c>: a folder holds a run with other settings;
    /// <c>RunLocked</c>: a process works on one of the runs; <c>OptionInvalid</c>.
    /// </exception>
    public static ExperimentPlan Of(string file, SubmissionOptions options, CancellationToken cancellation = default)
    {
        OptionLaw.ThrowIfBroken(options);
        IReadOnlyList<ExperimentRun> all = ExperimentReader.Read(file, options.Reading);
        if (options.Index?.Max() is { } largest && largest >= all.Count)
        {
            throw new HyperDasException(
                "RunNotFound", HyperDasErrorKind.NotFound, $"'{file}' has no run {largest}; its runs are 0 to {all.Count - 1}.", largest);
        }
        ExperimentRun[] runs = [.. options.Index is null ? all : options.Index.Distinct().Order().Select(i => all[i])];
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
        };
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
                $"'{run.Path}' belongs to a run that runs now: {status.Runner}. Wait for it, or stop it.", run.Path),
            _ => true,
        };
    }
}
