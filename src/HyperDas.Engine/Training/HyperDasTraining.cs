using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.Memory;
using HyperDas.Engine.Training.States;
using HyperDas.Engine.Training.Validation;

namespace HyperDas.Engine.Training;

/// <summary>Trains HyperDAS on a dataset: what <c>Start-HyperDasTraining</c> calls.</summary>
public static class HyperDasTraining
{
    /// <summary>Builds an interpreter for a model and trains it on the dataset's training examples.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="network">What the interpreter consists of.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="metricsPath">File for metrics (JSON Lines), or null.</param>
    /// <param name="state">Where the training is kept and goes on from, or null. It belongs to the caller.</param>
    /// <param name="progress">Told where the training stands.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <param name="from">The interpreter to start from; null: the one that the options name, or the target's blocks.</param>
    /// <returns>The trained interpreter, which the caller owns, and what happened.</returns>
    /// <exception cref="HyperDasException">
    /// <c>LayerInvalid</c>, <c>OptionInvalid</c>, <c>DatasetEmpty</c>, <c>TrainingDiverged</c>, <c>WriteFailed</c>; <c>StateMismatch</c>,
    /// <c>StateCorrupt</c>: the state folder holds another training, or nothing that can be read. <c>InterpreterMismatch</c>,
    /// <c>PathNotFound</c> and what reading an interpreter may throw: there is none to start from that fits.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is kept but the metrics and the state.</exception>
    public static TrainingResult Run(
        LanguageModel model,
        RavelDataset dataset,
        HypernetworkOptions network,
        TrainingOptions options,
        string? metricsPath = null,
        TrainingState? state = null,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default,
        TrainingStart? from = null)
    {
        model.ThrowIfDisposed();
        HyperDasInterpreter.Validate(model, network);
        from ??= options.From is { } folder ? TrainingStart.At(folder) : null;
        from?.ThrowIfOfOther(model);
        from?.ThrowIfOfOtherShape(network);
        // What it is counts, not where it lies.
        options = options with { From = null };
        // What an earlier version began goes on as it began.
        options = state?.IsOfBeforeValidation == true ? options with { DrawAnew = false, ValidateEvery = 0, KeepBest = false } : options;
        TrainingExamples examples = Shown(model, network, dataset, options, cancellation);
        ValidationPlan plan = Plan(model, network, dataset, options, examples);
        options = Settled(options, examples, plan);
        MemoryPredictor.ThrowIfTooLarge(model, network.Layer, network, [.. examples.First, .. plan.Rows.Select(row => row.Tokens)], options, network);
        HyperDasInterpreter interpreter = new(model, network, options.Seed);
        try
        {
            string? start = from?.CopyTo(interpreter);
            ActivationUse? use = null;
            using RunKeeper keeper = new(
                state,
                () => StateFingerprint.Of(interpreter.Method, model).AddOptions(network).AddOptions(options).AddContent("Dataset", dataset.Train)
                    .AddIf(start is not null, f => f.Add("From", start!))
                    .AddIf(examples.AreDrawnAnew, f => f.AddPool(dataset.Pool!))
                    .AddIf(plan.Every > 0, f => f.AddContent("Validation", plan.Rows.Select(row => row.Example).ToArray())),
                metricsPath);
            if (keeper.WasFinished)
            {
                keeper.Restore(interpreter);
                interpreter.TrainedWith = options.Epochs == 0 ? null : options;
            }
            else
            {
                using ActivationCache cache = interpreter.CreateCache(options.CacheBytes, shared: true);
                Trainer.Train(interpreter, examples, options, cache, keeper.Record, new LoopKeeper(keeper, interpreter), plan, progress, cancellation, keepStart: start is not null);
                use = cache.Use;
                keeper.Finish(interpreter);
            }
            TrainingStep? best = keeper.Metrics.LastOrDefault(step => options.KeepBest ? step.Validation is { IsBest: true } : step.Validation is not null);
            return new TrainingResult
            {
                Interpreter = interpreter,
                StartedFrom = start,
                BestStep = !options.KeepBest ? keeper.Metrics.Count : best?.Step ?? (start is null ? keeper.Metrics.Count : 0),
                Validation = best?.Validation,
                Metrics = keeper.Metrics,
                Steps = keeper.Metrics.Count,
                Duration = keeper.Duration,
                Seed = options.Seed,
                MetricsPath = metricsPath,
                Activations = use,
            };
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
    }

    /// <summary>What a training is shown of a dataset, in its first epoch.</summary>
    internal static IReadOnlyList<TokenizedExample> Examples(LanguageModel model, HypernetworkOptions network, RavelDataset dataset, TrainingOptions options) =>
        Shown(model, network, dataset, options, CancellationToken.None).First;

    private static TrainingExamples Shown(
        LanguageModel model, HypernetworkOptions network, RavelDataset dataset, TrainingOptions options, CancellationToken cancellation)
    {
        RavelCollator collator = new(model.Tokenizer, HyperDasInterpreter.CollationOf(network));
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> rows = collator.TokenizeUsable(dataset.Train);
        IReadOnlyList<TokenizedExample> first = Show([.. rows.Select(row => row.Tokens)], epoch: 0);
        if (!options.DrawAnew || options.Epochs < 2 || dataset.Pool is not { } pool || rows.Count == 0)
        {
            return new TrainingExamples(first);
        }
        EpochPairs pairs = new(pool, rows.Select(row => row.Example), collator, options.Seed);
        return new TrainingExamples(first, epoch => Show(pairs.Draw(epoch, cancellation), epoch));

        IReadOnlyList<TokenizedExample> Show(IReadOnlyList<TokenizedExample> examples, int epoch) => WholePrompts.Show(examples, options.WholePromptShare, options.Seed, epoch);
    }

    private static ValidationPlan Plan(LanguageModel model, HypernetworkOptions network, RavelDataset dataset, TrainingOptions options, TrainingExamples examples) =>
        examples.Count == 0 || options.Epochs < 1 || options.BatchSize < 1
            ? new ValidationPlan(0, [])
            : ValidationPlan.Of(
                new RavelCollator(model.Tokenizer, HyperDasInterpreter.CollationOf(network)).TokenizeUsable(dataset.Val), options, examples.Count,
                Trainer.TotalSteps(examples.Count, options));

    // What there is nothing for isn't done, and a state is told so, too.
    private static TrainingOptions Settled(TrainingOptions options, TrainingExamples examples, ValidationPlan plan)
    {
        options = examples.AreDrawnAnew ? options : options with { DrawAnew = false };
        return plan.Every > 0
            ? options with { ValidateEvery = plan.Every }
            : options with { ValidateEvery = 0, ValidationShare = 0, KeepBest = false, Patience = null };
    }
}
