using System.Diagnostics;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tokenization;
using HyperDas.Engine.Training.States;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// Trains a small language model from scratch on the benchmark's facts, as a target model for machines that can't download weights. The
/// saved model is a plain model of its family; <see cref="EntityMask"/> describes the masks used in training.
/// </summary>
public static class Pretrainer
{
    private const string Activity = "Pretraining";

    /// <summary>Families that can be trained, by <c>model_type</c>.</summary>
    public static IReadOnlyList<string> Families => NewModel.Families;
    private const int WarmUpSteps = 50;
    private const double DecayStart = 0.5;
    private const double Smoothing = 0.1;

    // A faster second moment than the usual 0.999: a run has only a few thousand steps.
    private const double Beta2 = 0.98;

    /// <summary>Trains a tokenizer and a model, saves both, and checks the saved model.</summary>
    /// <param name="domains">Domains of the benchmark; all entities are learned, but only the templates of the train split.</param>
    /// <param name="options">Options of the model and its training.</param>
    /// <param name="outputFolder">Hugging Face folder to write; an existing model's files are replaced at the end of the training.</param>
    /// <param name="state">The training's state, from which it resumes, or null. It belongs to the caller.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked before every step; nothing but the state is written after it.</param>
    /// <exception cref="HyperDasException">
    /// <c>OptionInvalid</c>; <c>DatasetEmpty</c>: no facts; <c>TrainingDiverged</c>: a loss or gradient that isn't finite;
    /// <c>WriteFailed</c>; <c>StateMismatch</c>, <c>StateCorrupt</c>: the state folder holds another training, or nothing that can be read.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static PretrainingResult Train(
        IReadOnlyList<RavelDomain> domains,
        PretrainingOptions options,
        string outputFolder,
        TrainingState? state = null,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Train(domains, options, outputFolder, NumberFormat.ForPretraining(), state, progress, cancellation);

    /// <summary>The same as the public method, with the number format of a new training; a resumed one keeps its own.</summary>
    internal static PretrainingResult Train(
        IReadOnlyList<RavelDomain> domains,
        PretrainingOptions options,
        string outputFolder,
        NumberFormat format,
        TrainingState? state = null,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        TorchRuntime.EnsureLoaded();
        PretrainingChecks.Validate(domains, options);
        // A training of an earlier version resumes as it began.
        bool older = state?.IsOfBeforeOtherWords == true;
        options = older ? options with { WordingsPerFact = 0 } : options;
        using RunKeeper run = new(
            state,
            () => new StateFingerprint().Add("Method", nameof(Pretraining))
                .AddOptions(options, (nameof(options.Family), PretrainingOptions.DefaultFamily),
                    (nameof(options.WordingsPerFact), older ? "0" : ""))
                .AddIf(options.WordingsPerFact > 0, f => f.AddContent("OtherWords", domains.Select(OtherWords.For).ToArray()))
                .AddDomains(domains));
        outputFolder = Path.GetFullPath(outputFolder);
        CreateFolder(outputFolder);
        progress?.Report(new WorkProgress(Activity, "training the tokenizer", 0, 0));
        TrainedBpe bpe = BpeTrainer.Train(
            PretrainingCorpus.TokenizerTexts(domains, options.WordingsPerFact > 0), options.VocabularySize, cancellation);
        PretrainingTextEncoder encoder = new(Reload(bpe));
        PretrainingCorpus corpus = new(domains, options, encoder);
        using PretrainingInterchange interchange = new(encoder, domains, options);
        ModelConfig config = NewModel.Config(options, bpe);
        ModelDtype computed = (run.Saved is { } saved ? FormatOf(saved.Header) : format).Computed;
        using TrainableDecoder model = new(config, options.Seed, computed);
        (long tokens, int steps, double loss) = Run(model, corpus, interchange, options, run, progress, cancellation);
        bpe.Save(outputFolder);
        config.Save(outputFolder);
        NewModel.SaveWeights(model, config, outputFolder);
        progress?.Report(new WorkProgress(Activity, "checking the facts", tokens, options.Tokens));
        using LanguageModel written = LanguageModel.Load(outputFolder);
        return new PretrainingResult
        {
            Path = outputFolder,
            ParameterCount = written.ParameterCount,
            Tokens = tokens,
            Steps = steps,
            FinalLoss = loss,
            Accuracy = [.. domains.Select(d => FactCheck.Measure(written, d, cancellation: cancellation))],
            Duration = run.Duration,
            Seed = options.Seed,
        };
    }

    /// <summary>Number format of a pretraining: the one in which this machine is fast, or the one that it began with.</summary>
    /// <param name="stateFolder">Folder of its state, which doesn't have to exist; or null.</param>
    /// <exception cref="HyperDasException"><c>StateCorrupt</c>.</exception>
    public static NumberFormat FormatOf(string? stateFolder)
    {
        if (stateFolder is null || !TrainingState.Exists(stateFolder))
        {
            return NumberFormat.ForPretraining();
        }
        using SavedState saved = SavedState.Open(Path.Combine(stateFolder, TrainingState.StateFile));
        return FormatOf(saved.Header);
    }

    // States of earlier versions don't contain it: it was bfloat16.
    private static NumberFormat FormatOf(StateHeader begun) => new(
        ModelDtype.Float32,
        begun.Counters.GetValueOrDefault(PretrainingKeeper.ComputedCounter, (long)ModelDtype.BFloat16) == (long)ModelDtype.Float32
            ? ModelDtype.Float32
            : ModelDtype.BFloat16,
        "as it began",
        Automatic: true);

    private static (long Tokens, int Steps, double Loss) Run(
        TrainableDecoder model, PretrainingCorpus corpus, PretrainingInterchange interchange, PretrainingOptions options, RunKeeper run,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using FlatAdamW optimiser = new(model.Store, beta2: Beta2);
        SeededRandom order = new(options.Seed, "pretraining/order"), masks = new(options.Seed, "pretraining/masks");
        using IEnumerator<IReadOnlyList<PretrainingText>> batches = PretrainingBatches.Stream(
            corpus, options.BatchTokens, order).GetEnumerator();
        PretrainingKeeper keeper = new(run, model, optimiser, order, masks);
        bool finished = run.WasFinished;
        keeper.Begin(batches, cancellation);
        Stopwatch clock = Stopwatch.StartNew();
        long before = keeper.Tokens;
        try
        {
            while (keeper.Tokens < options.Tokens)
            {
                cancellation.ThrowIfCancellationRequested();
                batches.MoveNext();
                using DisposeScope scope = NewDisposeScope();
                PretrainingBatch batch = Batch(batches.Current, interchange, options, masks);
                double share = (double)keeper.Tokens / options.Tokens;
                double rate = options.LearningRate * Math.Min(1, (optimiser.Steps + 1.0) / WarmUpSteps)
                    * Math.Min(1, (1 - share) / (1 - DecayStart));
                double loss = Step(model, batch, optimiser, rate, options);
                keeper.Loss = double.IsNaN(keeper.Loss) ? loss : keeper.Loss + (Smoothing * (loss - keeper.Loss));
                keeper.Tokens += batch.Ids.numel();
                keeper.Stepped();
                progress?.Report(new WorkProgress(
                    Activity, FormattableString.Invariant($"step {optimiser.Steps}, loss {keeper.Loss:F3}"), keeper.Tokens, options.Tokens,
                    Remaining(clock.Elapsed, ((double)options.Tokens - keeper.Tokens) / (keeper.Tokens - before))));
            }
        }
        catch (OperationCanceledException)
        {
            keeper.Write();
            throw;
        }
        FiniteCheck.ThrowIfDamaged(model.Store, optimiser.Steps, options.LearningRate);
        if (!finished)
        {
            keeper.Write(finished: true);
        }
        return (keeper.Tokens, keeper.Steps, keeper.Loss);
    }

    // Before the training, which finds an unwritable place hours earlier.
    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException(
                "WriteFailed", HyperDasErrorKind.WriteError,
                $"The folder '{folder}' for the model can't be created: {e.Message}", folder, e);
        }
    }

    // Null: too long to be useful.
    private static TimeSpan? Remaining(TimeSpan elapsed, double share) =>
        elapsed.TotalDays * share < 10000 ? elapsed * Math.Max(0, share) : null;

    private static PretrainingBatch Batch(
        IReadOnlyList<PretrainingText> texts, PretrainingInterchange interchange, PretrainingOptions options, SeededRandom masks)
    {
        if (masks.NextDouble() >= options.InterchangeShare)
        {
            return PretrainingBatch.Create(texts, options, masks);
        }
        (IReadOnlyList<PretrainingText> answered, PretrainingSwap swap) = interchange.Pair(texts, masks);
        return PretrainingBatch.Create(answered, options, masks, swap);
    }

    private static double Step(TrainableDecoder model, PretrainingBatch batch, FlatAdamW optimiser, double rate, PretrainingOptions options)
    {
        Tensor losses = nn.functional.cross_entropy(model.Forward(batch), batch.Targets, reduction: nn.Reduction.None);
        Tensor loss = losses.dot(batch.Weights);
        model.Store.ClearGradients();
        loss.backward();
        double norm = model.Store.GradientNorm().item<float>(), value = loss.item<float>();
        if (!double.IsFinite(norm) || !double.IsFinite(value))
        {
            throw new HyperDasException(
                "TrainingDiverged", HyperDasErrorKind.OperationStopped,
                FormattableString.Invariant(
                    $"At pretraining step {optimiser.Steps + 1} the loss is {value} and the gradient norm {norm}.") +
                FiniteCheck.Culprit(model.Store, new("losses", losses), new("loss", loss)) +
                FormattableString.Invariant($" Try a learning rate below {options.LearningRate}."),
                options.LearningRate);
        }
        GroupRate group = new(rate, options.WeightDecay);
        optimiser.Step(_ => group, Math.Min(1, options.ClipNorm / (norm + 1e-6)));
        return value;
    }

    // The tokenizer is loaded from its files, as it will be later.
    private static Tokenizer Reload(TrainedBpe bpe)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hyperdas-");
        try
        {
            bpe.Save(folder.FullName);
            return Tokenizer.Load(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
