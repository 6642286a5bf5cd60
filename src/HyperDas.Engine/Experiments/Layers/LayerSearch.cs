using System.Diagnostics;
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
/// Processes that search in the same folder at the same time share swaps and trainings.
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
    private const string Diverged = "TrainingDiverged";

    private readonly LayerFolder _folder = new(path);
    private readonly RavelScoringOptions _scoring = experiment.Evaluation.Scoring with
    {
        Modes = [experiment.Evaluation.Scoring.Modes[0]], Dialects = [experiment.Evaluation.Scoring.Dialects[0]],
        BootstrapSamples = 0, PerTemplate = false,
    };

    private bool _hasWaited;

    /// <summary>Called when a part of the search is completed, with its number of training steps, or 1 for a swap.</summary>
    public Action<int>? Done { get; init; }

    /// <summary>Starts, resumes or joins a search.</summary>
    /// <param name="layers">The layers to choose from; null for all but the embeddings.</param>
    /// <param name="force">Whether to start over regardless of an earlier search's settings.</param>
    /// <param name="worker">
    /// 0 for a process that needs the layer; n for the n-th process that only helps, which leaves when at most n layers remain: then
    /// nothing is left for it.
    /// </param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <returns>The layers, best first; none if a helper left before the end.</returns>
    /// <exception cref="HyperDasException">
    /// <c>LayerInvalid</c>; <c>OutputExists</c>: the folder holds a search with other settings; <c>RunLocked</c>; <c>LayersCorrupt</c>;
    /// <c>DatasetEmpty</c>: there are no validation examples; whatever training and scoring throw, except <c>TrainingDiverged</c> of
    /// some layers, which rules them out.
    /// </exception>
    public IReadOnlyList<LayerCandidate> Run(
        IReadOnlyList<int>? layers, bool force, int worker, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int[] all = [.. (layers ?? [.. Enumerable.Range(1, model.Config.BlockCount)]).Distinct().Order()];
        Array.ForEach(all, layer => Interpreter.ThrowIfNoLayer(model, layer));
        using FolderLock held = _folder.Enter(ExperimentYaml.Write(Round(steps: null), path), force);

        List<Entry> entries = [.. Swap(all, progress, cancellation).OrderBy(entry => entry.Layer)];
        Screen(entries);
        List<Entry> field = [.. entries.Where(entry => entry.LeftOut is null)];
        IReadOnlyList<LayerRound> rounds = LayerRound.Of(field.Count, LayerRound.WholeSteps(experiment, dataset));
        for (int i = 0; i < rounds.Count; i++)
        {
            if (worker > 0 && worker >= field.Count)
            {
                return [];
            }
            field = Train(field, rounds, i, progress, cancellation);
        }
        return Rank(entries);
    }

    private List<Entry> Swap(int[] layers, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        List<Entry> entries = [];
        TokenizedSplit? examples = null;
        SharedWork.Do(layers, IsKnown, Try, left => Wait(left, "full swap", progress), cancellation);
        return entries;

        bool IsKnown(int layer)
        {
            if (_folder.Swap(layer) is not { } swap)
            {
                return false;
            }
            entries.Add(new Entry(layer) { SwapCause = swap.Cause, Seconds = swap.ProcessorSeconds });
            return true;
        }

        bool Try(int layer)
        {
            using FolderLock? taken = _folder.TakeSwap(layer);
            if (taken is null)
            {
                return false;
            }
            // Another process may have finished it between the check and the lock.
            if (IsKnown(layer))
            {
                return true;
            }
            progress?.Report(new WorkProgress("Finding the layer: full swap", $"layer {layer}", entries.Count, layers.Length));
            TimeSpan before = Processor();
            examples ??= RavelScorer.Tokenize(model, dataset, RavelSplit.Val, cancellation);
            RavelScore score = RavelScore.MeanOf(RavelScorer.Score(
                model, layer, ReferenceMethod.FullSwap, examples, _scoring, progress: null, cancellation));
            double? cause = double.IsFinite(score.Cause) ? score.Cause : null;
            _folder.Add(new LayerSwap(layer, cause, (Processor() - before).TotalSeconds));
            Done?.Invoke(1);
            return IsKnown(layer);
        }
    }

    // The work of other processes counts as progress: the job script gives up a task that makes none.
    private void Wait(int left, string what, IProgress<WorkProgress>? progress)
    {
        if (!_hasWaited)
        {
            _hasWaited = true;
            Done?.Invoke(1);
        }
        progress?.Report(new WorkProgress("Finding the layer", $"{what}: waiting for {left} in other processes", 0, 0));
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
        string place = $"round {number + 1} of {rounds.Count}";
        SharedWork.Do(
            runs, run => IsKnown(EntryOf(run), run), run => Try(EntryOf(run), run, Placed(run)), left => Wait(left, place, progress),
            cancellation);
        if (field.TrueForAll(entry => entry.Diverged is not null))
        {
            // The cause isn't the layer.
            throw field[0].Diverged!;
        }
        Entry[] order = [.. field.OrderBy(entry => entry, Entry.Better)];
        // A layer that diverged isn't trained again, whatever its rank.
        int most = number + 1 < rounds.Count ? rounds[number + 1].Field : 1;
        Entry[] stay = [.. order.Take(most).Where(entry => entry.Diverged is null)];
        foreach ((Entry entry, int at) in order.Select((entry, i) => (entry, i + 1)).Skip(stay.Length))
        {
            entry.LeftOut = entry.Diverged is not null
                ? "training diverged"
                : FormattableString.Invariant($"place {at} of {order.Length}");
        }
        return [.. stay];

        Entry EntryOf(ExperimentRun run) => field.Single(entry => entry.Layer == run.Settings.Method.Layer);

        PlacedProgress? Placed(ExperimentRun run) => progress is null ? null : new PlacedProgress(
            progress, $"Finding the layer, {place}, layer {run.Settings.Method.Layer} ({run.Index + 1} of {runs.Count}): ");

        bool Try(Entry entry, ExperimentRun run, IProgress<WorkProgress>? told)
        {
            try
            {
                train(run, told, cancellation);
            }
            catch (HyperDasException e) when (e.ErrorId == "RunLocked")
            {
                return false;
            }
            catch (HyperDasException e) when (e.ErrorId == Diverged)
            {
                // Its folder records this, unless the disk is full.
                entry.Diverged = e;
            }
            return IsKnown(entry, run) || entry.Diverged is not null;
        }
    }

    // A training that diverged would do so again: the same settings give the same bits.
    private static bool IsKnown(Entry entry, ExperimentRun run)
    {
        RunFolder folder = new(run.Path);
        IReadOnlyList<AttemptLine> attempts = AttemptFile.Read(folder.File(RunFolder.AttemptsFile));
        if (folder.IsFinished)
        {
            folder.ThrowIfOther(run.Yaml);
            ExperimentResult result = folder.ReadResult(run);
            entry.Trials.Add(new LayerTrial(result.Steps, result.Cause, result.Isolate));
        }
        else if (attempts.Count > 0 && attempts[^1] is { Event: AttemptEvent.Failed, ErrorId: Diverged, Error: { } why })
        {
            entry.Diverged = new HyperDasException(Diverged, HyperDasErrorKind.OperationStopped, why, run.Path);
        }
        else
        {
            return false;
        }
        entry.Seconds += attempts.Sum(line => line.ProcessorSeconds ?? 0);
        return true;
    }

    private Experiment Round(int? steps) => experiment with
    {
        Description = null,
        Method = experiment.Method with { Options = experiment.Method.Options! with { Layer = MethodOptions.AutoLayer } },
        Training = steps is null ? experiment.Training : Short(experiment.Training, steps.Value),
        Evaluation = new ExperimentEvaluation { Split = RavelSplit.Val, Scoring = _scoring },
        Outputs = new ExperimentOutputs { Path = path, Interpreter = false, TensorBoard = false, Report = false },
    };

    // The final state of a training counts, because the best one is chosen by the plain mean: early in a training that is a state that
    // hasn't changed anything yet, at every layer.
    private static TrainingOptions Short(TrainingOptions training, int steps) => training with
    {
        MaxSteps = steps, KeepBest = false, Patience = null,
        ValidateEvery = training is { WorstGroupExponent: > 0, WorstGroupSignal: GroupSignal.ValidationError } ? training.ValidateEvery : 0,
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

        public HyperDasException? Diverged { get; set; }

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
