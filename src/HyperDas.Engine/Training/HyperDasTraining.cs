using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;

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
    /// <param name="progress">Told where the training stands.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>The trained interpreter, which the caller owns, and what happened.</returns>
    /// <exception cref="HyperDasException"><c>LayerInvalid</c>, <c>OptionInvalid</c>, <c>DatasetEmpty</c>, <c>TrainingDiverged</c>, <c>WriteFailed</c>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is kept but the metrics.</exception>
    public static TrainingResult Run(
        LanguageModel model,
        RavelDataset dataset,
        HypernetworkOptions network,
        TrainingOptions options,
        string? metricsPath = null,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        model.ThrowIfDisposed();
        HyperDasInterpreter interpreter = new(model, network, options.Seed);
        try
        {
            IReadOnlyList<TokenizedExample> examples = Examples(interpreter, dataset, options);
            List<TrainingStep> metrics = [];
            using MetricsLog? log = metricsPath is null ? null : new MetricsLog(metricsPath);
            TimeSpan duration = Trainer.Train(
                interpreter,
                examples,
                options,
                log: step =>
                {
                    metrics.Add(step);
                    log?.Write(step);
                },
                progress: progress,
                cancellation: cancellation);
            return new TrainingResult
            {
                Interpreter = interpreter,
                Metrics = metrics,
                Steps = metrics.Count,
                Duration = duration,
                Seed = options.Seed,
                MetricsPath = metricsPath,
            };
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
    }

    private static IReadOnlyList<TokenizedExample> Examples(HyperDasInterpreter interpreter, RavelDataset dataset, TrainingOptions options) =>
        WholePrompts.Show(
            [.. new RavelCollator(interpreter.Target.Tokenizer, interpreter.Collation).TokenizeUsable(dataset.Train).Select(e => e.Tokens)],
            options.WholePromptShare,
            options.Seed);
}
