using System.Diagnostics;
using System.Runtime.ExceptionServices;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Experiments.Runs;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Experiments.Layers;

/// <summary>
/// Finds the intervention layer without a whole training at each: a full swap by depth shows where an answer can be changed at all, and
/// rounds of short trainings, each with half the layers of the previous one, where it can be changed alone. All scores are of validation
/// examples. The trainings are ordinary runs with their own folders, so a search is resumable, and the same settings find the same layer.
/// </summary>
/// <param name="experiment">The settings of the training; its layer is ignored.</param>
/// <param name="path">Absolute folder of the search.</param>
/// <param name="model">The target model.</param>
/// <param name="dataset">The examples.</param>
/// <param name="train">Executes one run.</param>
internal sealed class LayerSearch(
    Experiment experiment, string path, LanguageModel model, RavelDataset dataset,
    Func<ExperimentRun, IProgress<WorkProgress>?, CancellationToken, ExperimentResult> train)
{
    // At a layer where even a full swap changes fewer answers than this fraction of the maximum, the entity has moved on to later
    // tokens, or hasn't been read yet.
    private const double LeastOfBest = 0.75;

    private readonly LayerFolder _folder = new(path);
    private readonly RavelScoringOptions _scoring = experiment.Evaluation.Scoring with
    {
        Modes = [experiment.Evaluation.Scoring.Modes[0]], Dialects = [experiment.Evaluation.Scoring.Dialects[0]],
        BootstrapSamples = 0, PerTemplate = false,
    };

    /// <summary>Called when a part of the search is completed, with its number of training steps, or 1 for a swap.</summary>
    public Action<int>? Done { get; init; }

    /// <summary>Starts or resumes a search.</summary>
    /// <param name="layers">The layers to choose from; null for all but the embeddings.</param>
    /// <param name="force">Whether to start over regardless of an earlier search's settings.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <returns>The layers, best first.</returns>
    /// <exception cref="HyperDasException">
    /// <c>LayerInvalid</c>; <c>OutputExists</c>: the folder holds a search with other settings; <c>RunLocked</c>; <c>LayersCorrupt</c>;
    /// <c>DatasetEmpty</c>: there are no validation examples; whatever training and scoring throw, except <c>TrainingDiverged</c> of
    /// some layers, which rules them out.
    /// </exception>
    public IReadOnlyList<LayerCandidate> Run(
        IReadOnlyList<int>? layers, bool force, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int[] all = [.. (layers ?? [.. Enumerable.Range(1, model.Config.BlockCount)]).Distinct().Order()];
        Array.ForEach(all, layer => Interpreter.ThrowIfNoLayer(model, layer));
        using FolderLock held = FolderLock.Take(path, "RunLocked", "layer search");
        if (force)
        {
            _folder.Clear();
        }
        string settings = ExperimentYaml.Write(Round(steps: null), path);
        _folder.ThrowIfOther(settings);
        _folder.Begin(settings);

        List<Entry> entries = [.. Swap(all, progress, cancellation)];
        Screen(entries);
        List<Entry> field = [.. entries.Where(entry => entry.LeftOut is null)];
        IReadOnlyList<LayerRound> rounds = LayerRound.Of(field.Count, LayerRound.WholeSteps(experiment, dataset));
        for (int i = 0; i < rounds.Count; i++)
        {
            field = Train(field, rounds, i, progress, cancellation);
        }
        return Rank(entries);
    }

    private IEnumerable<Entry> Swap(int[] layers, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        List<LayerSwap> known = [.. LayerSwap.Read(_folder.Swaps)];
        TokenizedSplit? examples = null;
        for (int i = 0; i < layers.Length; i++)
        {
            int layer = layers[i];
            LayerSwap? swap = known.Find(k => k.Layer == layer);
            if (swap is null)
            {
                progress?.Report(new WorkProgress("Finding the layer: full swap", $"layer {layer}", i, layers.Length));
                TimeSpan before = Processor();
                examples ??= RavelScorer.Tokenize(model, dataset, RavelSplit.Val, cancellation);
                RavelScore score = RavelScore.MeanOf(RavelScorer.Score(
                    model, layer, ReferenceMethod.FullSwap, examples, _scoring, progress: null, cancellation));
                double? cause = double.IsFinite(score.Cause) ? score.Cause : null;
                swap = new LayerSwap(layer, cause, (Processor() - before).TotalSeconds);
                known.Add(swap);
                LayerSwap.Write(_folder.Swaps, known.OrderBy(k => k.Layer));
                Done?.Invoke(1);
            }
            yield return new Entry(layer) { SwapCause = swap.Cause, Seconds = swap.ProcessorSeconds };
        }
    }

    // Methods that patch the prompt's last token don't need the entity at the swap's position.
    private void Screen(List<Entry> entries)
    {
        if (experiment.Method.Options is FixedMethodOptions { Position: FixedPosition.PromptLastToken }
            || entries.MaxBy(entry => entry.SwapCause ?? 0) is not { SwapCause: { } best })
        {
            return;
        }
        foreach (Entry entry in entries.Where(entry => (entry.SwapCause ?? 0) < best * LeastOfBest))
        {
            entry.LeftOut = FormattableString.Invariant($"swap changes {entry.SwapCause ?? 0:F1} %");
        }
    }

    private List<Entry> Train(
        List<Entry> field, IReadOnlyList<LayerRound> rounds, int number, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        LayerRound round = rounds[number];
        string document = _folder.WriteRound(Round(round.Steps), round.Steps, field.Select(entry => entry.Layer));
        IReadOnlyList<ExperimentRun> runs = ExperimentReader.Read(document, new ExperimentReadOptions { SkipFiles = true });
        for (int i = 0; i < runs.Count; i++)
        {
            ExperimentRun run = runs[i];
            Entry entry = field.Single(e => e.Layer == run.Settings.Method.Layer);
            string place = $"Finding the layer, round {number + 1} of {rounds.Count}, layer {entry.Layer} ({i + 1} of {runs.Count}): ";
            Try(entry, run, progress is null ? null : new PlacedProgress(progress, place), cancellation);
        }
        if (field.TrueForAll(entry => entry.Diverged is not null))
        {
            // The cause isn't the layer.
            field[0].Diverged!.Throw();
        }
        Entry[] order = [.. field.OrderBy(entry => entry, Entry.Better)];
        // A layer that diverged isn't trained again, whatever its rank.
        int most = number + 1 < rounds.Count ? rounds[number + 1].Field : 1;
        Entry[] stay = [.. order.Take(most).Where(entry => entry.Diverged is null)];
        foreach ((Entry entry, int place) in order.Select((entry, i) => (entry, i + 1)).Skip(stay.Length))
        {
            entry.LeftOut = entry.Diverged is not null
                ? "training diverged"
                : FormattableString.Invariant($"place {place} of {order.Length}");
        }
        return [.. stay];
    }

    private void Try(Entry entry, ExperimentRun run, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            ExperimentResult result = train(run, progress, cancellation);
            entry.Trials.Add(new LayerTrial(result.Steps, result.Cause, result.Isolate));
        }
        catch (HyperDasException e) when (e.ErrorId == "TrainingDiverged")
        {
            entry.Diverged = ExceptionDispatchInfo.Capture(e);
        }
        entry.Seconds += AttemptFile.Read(Path.Combine(run.Path, RunFolder.AttemptsFile)).Sum(line => line.ProcessorSeconds ?? 0);
    }

    private Experiment Round(int? steps) => experiment with
    {
        Description = null,
        Method = experiment.Method with { Options = experiment.Method.Options! with { Layer = MethodOptions.AutoLayer } },
        Training = steps is null ? experiment.Training : experiment.Training with { MaxSteps = steps },
        Evaluation = new ExperimentEvaluation { Split = RavelSplit.Val, Scoring = _scoring },
        Outputs = new ExperimentOutputs { Path = path, Interpreter = false, TensorBoard = false, Report = false },
    };

    private LayerCandidate[] Rank(List<Entry> entries) =>
    [
        .. entries.OrderBy(entry => entry, Entry.Better).Select((entry, i) => new LayerCandidate
        {
            Name = experiment.Name,
            Place = i + 1,
            Layer = entry.Layer,
            SwapCause = entry.SwapCause,
            Trials = entry.Trials,
            ProcessorTime = TimeSpan.FromSeconds(entry.Seconds),
            LeftOut = i == 0 ? null : entry.LeftOut
                ?? FormattableString.Invariant($"swap changes {entry.SwapCause ?? 0:F1} %"),
        }),
    ];

    private static TimeSpan Processor()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    // An intermediate layer.
    private sealed class Entry(int layer)
    {
        public int Layer { get; } = layer;

        public double? SwapCause { get; init; }

        public double Seconds { get; set; }

        public List<LayerTrial> Trials { get; } = [];

        public ExceptionDispatchInfo? Diverged { get; set; }

        public string? LeftOut { get; set; }

        // By the last round reached, then by the score there; for ties, the lower layer, which more blocks read.
        public static IComparer<Entry> Better { get; } = Comparer<Entry>.Create((a, b) =>
            a.Diverged is null != b.Diverged is null ? (a.Diverged is null ? -1 : 1)
            : a.Trials.Count != b.Trials.Count ? b.Trials.Count.CompareTo(a.Trials.Count)
            : a.Trials.Count > 0 && a.Trials[^1].Balance is var mine && b.Trials[^1].Balance is var other && mine != other
                ? other.CompareTo(mine)
            : (a.SwapCause ?? 0) != (b.SwapCause ?? 0) ? (b.SwapCause ?? 0).CompareTo(a.SwapCause ?? 0)
            : a.Layer.CompareTo(b.Layer));
    }

    private sealed class PlacedProgress(IProgress<WorkProgress> progress, string place) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => progress.Report(value with { Activity = place + value.Activity });
    }
}
