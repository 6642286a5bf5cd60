using System.Diagnostics;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>
/// Trains methods with a fixed position: each concept by itself, on its own examples with its own optimiser and schedule, as the
/// originals train one model for each attribute (spec/ravel 4.7 and 4.8), or fits it to entity vectors (4.2 to 4.5).
/// </summary>
public static class FixedMethodTraining
{
    /// <summary>Trains one module for each concept of the dataset.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="dataset">The examples; its training split is used.</param>
    /// <param name="method">Method, layer and dimensions.</param>
    /// <param name="options">How; epochs and schedules are counted for each concept.</param>
    /// <param name="domains">The benchmark's domains: PCA, SAE and RLAP then fit to all their training entities instead of to the dataset's prompts.</param>
    /// <param name="metricsPath">File for metrics (JSON Lines), or null.</param>
    /// <param name="progress">Told where the training stands.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>The trained interpreter, which the caller owns, and what happened.</returns>
    /// <exception cref="HyperDasException">
    /// <c>LayerInvalid</c>, <c>OptionInvalid</c>, <c>DatasetEmpty</c>, <c>ValuesInsufficient</c>, <c>TrainingDiverged</c>, <c>WriteFailed</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is kept but the metrics.</exception>
    public static TrainingResult Run(
        LanguageModel model,
        RavelDataset dataset,
        FixedMethodOptions method,
        TrainingOptions options,
        IReadOnlyList<RavelDomain>? domains = null,
        string? metricsPath = null,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        model.ThrowIfDisposed();
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> examples =
            [.. new RavelCollator(model.Tokenizer).TokenizeUsable(dataset.Train).Where(e => e.Tokens.IsCause || LearnsFromIsolate(method))];
        ConceptKey[] concepts = [.. examples.Select(e => e.Tokens.Concept!).Distinct()];
        if (concepts.Length == 0)
        {
            throw new HyperDasException("DatasetEmpty", HyperDasErrorKind.InvalidArgument, $"The dataset '{dataset.Name}' has no training examples for {method.Method}.", dataset);
        }
        Stopwatch clock = Stopwatch.StartNew();
        FixedPositionInterpreter interpreter = new(model, method, concepts, options.Seed);
        try
        {
            List<TrainingStep> metrics = [];
            using MetricsLog? log = metricsPath is null ? null : new MetricsLog(metricsPath);
            using ActivationCache cache = interpreter.CreateCache(options.CacheBytes);
            if (method is FeatureMethodOptions features)
            {
                FeatureFitting.Fit(interpreter, features, examples, domains, cache, options.Seed, Record, progress, cancellation);
            }
            else
            {
                ILookup<ConceptKey, TokenizedExample> rows = examples.Select(e => e.Tokens).ToLookup(e => e.Concept!);
                foreach (ConceptKey concept in concepts)
                {
                    using FixedPositionInterpreter single = new(model, method, [concept], options.Seed);
                    Trainer.Train(
                        single, [.. rows[concept]], options, cache, Record, progress is null ? null : new ConceptProgress(progress, concept), cancellation);
                    Copy(single, interpreter);
                }
            }
            interpreter.TrainedWith = options;
            return new TrainingResult
            {
                Interpreter = interpreter,
                Metrics = metrics,
                Steps = metrics.Count,
                Duration = clock.Elapsed,
                Seed = options.Seed,
                MetricsPath = metricsPath,
            };

            void Record(TrainingStep step)
            {
                TrainingStep counted = step with { Step = metrics.Count + 1 };
                metrics.Add(counted);
                log?.Write(counted);
            }
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
    }

    private static bool LearnsFromIsolate(FixedMethodOptions method) => method switch
    {
        MdasOptions => true,
        DbmOptions dbm => dbm.MultiTask,
        FeatureMethodOptions => true,
        _ => false,
    };

    private static void Copy(FixedPositionInterpreter trained, FixedPositionInterpreter whole)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> state = whole.Parameters.State().ToDictionary(s => s.Key, s => s.Value);
        using (no_grad())
        {
            foreach ((string name, Tensor value) in trained.Parameters.State())
            {
                state[name].copy_(value);
            }
        }
    }

    private sealed class ConceptProgress(IProgress<WorkProgress> progress, ConceptKey concept) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => progress.Report(value with { Status = $"{concept}: {value.Status}" });
    }
}
