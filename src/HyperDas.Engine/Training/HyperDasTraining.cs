using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.Memory;
using HyperDas.Engine.Training.States;

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
    /// <returns>The trained interpreter, which the caller owns, and what happened.</returns>
    /// <exception cref="HyperDasException">
    /// <c>LayerInvalid</c>, <c>OptionInvalid</c>, <c>DatasetEmpty</c>, <c>TrainingDiverged</c>, <c>WriteFailed</c>; <c>StateMismatch</c>,
    /// <c>StateCorrupt</c>: the state folder holds another training, or nothing that can be read.
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
        CancellationToken cancellation = default)
    {
        model.ThrowIfDisposed();
        HyperDasInterpreter.Validate(model, network);
        IReadOnlyList<TokenizedExample> examples = Examples(model, network, dataset, options);
        MemoryPredictor.ThrowIfTooLarge(model, network.Layer, network, examples, options, network);
        HyperDasInterpreter interpreter = new(model, network, options.Seed);
        try
        {
            ActivationUse? use = null;
            using RunKeeper keeper = new(
                state,
                () => StateFingerprint.Of(interpreter.Method, model).AddOptions(network).AddOptions(options).AddContent("Dataset", dataset.Train),
                metricsPath);
            if (keeper.WasFinished)
            {
                keeper.Restore(interpreter);
                interpreter.TrainedWith = options.Epochs == 0 ? null : options;
            }
            else
            {
                using ActivationCache cache = interpreter.CreateCache(options.CacheBytes, shared: true);
                Trainer.Train(interpreter, examples, options, cache, keeper.Record, new LoopKeeper(keeper, interpreter), progress, cancellation);
                use = cache.Use;
                keeper.Finish(interpreter);
            }
            return new TrainingResult
            {
                Interpreter = interpreter,
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

    /// <summary>What a training is shown of a dataset.</summary>
    internal static IReadOnlyList<TokenizedExample> Examples(LanguageModel model, HypernetworkOptions network, RavelDataset dataset, TrainingOptions options) =>
        WholePrompts.Show(
            [.. new RavelCollator(model.Tokenizer, HyperDasInterpreter.CollationOf(network)).TokenizeUsable(dataset.Train).Select(e => e.Tokens)],
            options.WholePromptShare,
            options.Seed);
}
