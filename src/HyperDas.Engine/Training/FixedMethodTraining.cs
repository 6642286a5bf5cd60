using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.Memory;
using HyperDas.Engine.Training.States;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>
/// Trains methods with a fixed position: each concept by itself, on its own examples with its own optimiser and schedule, as the
/// originals train one model for each attribute (docs/methods.md#methods-with-a-fixed-position), or fits it to entity vectors.
/// </summary>
public static class FixedMethodTraining
{
    /// <summary>Cursor of a state: concepts that are finished.</summary>
    internal const string FinishedConcepts = "finishedConcepts";

    /// <summary>Trains one module for each concept of the dataset.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="dataset">The examples; its training split is used.</param>
    /// <param name="method">Method, layer and dimensions.</param>
    /// <param name="options">How; epochs and schedules are counted for each concept.</param>
    /// <param name="domains">The benchmark's domains: PCA, SAE and RLAP then fit to all their training entities instead of to the dataset's prompts.</param>
    /// <param name="metricsPath">File for metrics (JSON Lines), or null.</param>
    /// <param name="state">Where the training is kept and goes on from, or null: the concepts that are finished and the present one. It belongs to the caller.</param>
    /// <param name="progress">Told where the training stands.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>The trained interpreter, which the caller owns, and what happened.</returns>
    /// <exception cref="HyperDasException">
    /// <c>LayerInvalid</c>, <c>OptionInvalid</c>, <c>DatasetEmpty</c>, <c>ValuesInsufficient</c>, <c>TrainingDiverged</c>, <c>WriteFailed</c>;
    /// <c>StateMismatch</c>, <c>StateCorrupt</c>: the state folder holds another training, or nothing that can be read.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is kept but the metrics and the state.</exception>
    public static TrainingResult Run(
        LanguageModel model,
        RavelDataset dataset,
        FixedMethodOptions method,
        TrainingOptions options,
        IReadOnlyList<RavelDomain>? domains = null,
        string? metricsPath = null,
        TrainingState? state = null,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        model.ThrowIfDisposed();
        if (options.From is not null)
        {
            throw new HyperDasException(
                "OptionInvalid", HyperDasErrorKind.InvalidArgument,
                $"From is '{options.From}'; a training of {method.Method} starts anew, only one of HyperDas can start from an interpreter.", options);
        }
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> examples =
            [.. new RavelCollator(model.Tokenizer).TokenizeUsable(dataset.Train.Where(e => e.Wording != RavelWording.Absent)).Where(e => e.Tokens.IsCause || LearnsFromIsolate(method))];
        ConceptKey[] concepts = [.. examples.Select(e => e.Tokens.Concept!).Distinct()];
        if (concepts.Length == 0)
        {
            throw new HyperDasException("DatasetEmpty", HyperDasErrorKind.InvalidArgument, $"The dataset '{dataset.Name}' has no training examples for {method.Method}.", dataset);
        }
        FixedPositionInterpreter interpreter = new(model, method, concepts, options.Seed);
        try
        {
            using RunKeeper keeper = new(state, Fingerprint, metricsPath);
            ActivationUse? use = null;
            keeper.Restore(interpreter);
            if (!keeper.WasFinished)
            {
                using ActivationCache cache = interpreter.CreateCache(options.CacheBytes, shared: true);
                if (method is FeatureMethodOptions features)
                {
                    FeatureFitting.Fit(interpreter, features, examples, domains, cache, options.Seed, keeper, progress, cancellation);
                }
                else
                {
                    MemoryPredictor.ThrowIfTooLarge(model, interpreter.Layer, network: null, [.. examples.Select(e => e.Tokens)], options, method);
                    TrainEach(interpreter, examples.Select(e => e.Tokens).ToLookup(e => e.Concept!), options, cache, keeper, progress, cancellation);
                }
                keeper.Finish(interpreter);
                use = cache.Use;
            }
            interpreter.TrainedWith = options;
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

            StateFingerprint Fingerprint() => StateFingerprint.Of(interpreter.Method, model)
                .AddOptions(method).AddOptions(options).AddContent("Dataset", dataset.Train).AddDomains(domains ?? []);
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
    }

    private static void TrainEach(
        FixedPositionInterpreter whole, ILookup<ConceptKey, TokenizedExample> rows, TrainingOptions options, ActivationCache cache, RunKeeper keeper,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<ConceptKey> concepts = whole.Concepts.Concepts;
        int finished = (int)(keeper.Saved?.Counter(FinishedConcepts) ?? 0);
        keeper.Plan(concepts.Sum(concept => Trainer.TotalSteps(rows[concept].Count(), options)));
        if (keeper.Saved is not null)
        {
            // All concepts share the cache: what it computes for a later one depends on what the earlier ones left in it.
            cache.Defer();
        }
        for (int i = 0; i < concepts.Count; i++)
        {
            ConceptKey concept = concepts[i];
            TokenizedExample[] own = [.. rows[concept]];
            if (i < finished)
            {
                Trainer.Replay(whole, own, options, cache, int.MaxValue, progress, cancellation);
                continue;
            }
            using FixedPositionInterpreter single = new(whole.Target, whole.Options, [concept], options.Seed);
            LoopKeeper loop = new(
                keeper, single, "current/", new Dictionary<string, long> { [FinishedConcepts] = i },
                () => RunKeeper.Named(RunKeeper.Parameters, whole.Parameters.State()), $"concept {i + 1} of {concepts.Count}, ");
            Trainer.Train(single, new TrainingExamples(own), options, cache, keeper.Record, loop, plan: null, progress is null ? null : new ConceptProgress(progress, concept), cancellation);
            Copy(single, whole);
            if (i + 1 < concepts.Count)
            {
                using DisposeScope scope = NewDisposeScope();
                keeper.Write(
                    $"concept {i + 1} of {concepts.Count}", new Dictionary<string, long>(LoopKeeper.NotBegun) { [FinishedConcepts] = i + 1 },
                    RunKeeper.Named(RunKeeper.Parameters, whole.Parameters.State()));
            }
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
