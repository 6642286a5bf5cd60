using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.Features;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Methods.Pca;
using HyperDas.Engine.Methods.Rlap;
using HyperDas.Engine.Methods.Sae;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.States;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>Fits PCA, SAE and RLAP to the entity vectors of each domain (docs/methods.md#methods-with-a-fixed-position).</summary>
internal static class FeatureFitting
{
    /// <summary>Fits in place.</summary>
    /// <param name="interpreter">What is fitted.</param>
    /// <param name="options">Its options.</param>
    /// <param name="examples">Training examples.</param>
    /// <param name="domains">The benchmark's domains, or null to take what the examples show.</param>
    /// <param name="cache">Hidden states at the interpreter's layer.</param>
    /// <param name="seed">Seed of starts, order and choice.</param>
    /// <param name="keeper">Notes steps, of methods that take steps, and finished concepts; those that it knows as finished aren't fitted again.</param>
    /// <param name="progress">Told which concept is worked on.</param>
    /// <param name="cancellation">Checked between steps.</param>
    public static void Fit(
        FixedPositionInterpreter interpreter,
        FeatureMethodOptions options,
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> examples,
        IReadOnlyList<RavelDomain>? domains,
        ActivationCache cache,
        long seed,
        RunKeeper keeper,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        PromptTokenizer tokenizer = new(interpreter.Target.Tokenizer);
        IReadOnlyList<ConceptKey> concepts = interpreter.Concepts.Concepts;
        int done = 0, finished = (int)(keeper.Saved?.Counter(FixedMethodTraining.FinishedConcepts) ?? 0);
        keeper.Began();
        foreach (string domain in concepts.Select(c => c.Domain).Distinct())
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            EntityVectors vectors = EntityVectorCollector.Collect(
                cache, tokenizer, examples, domain, domains?.FirstOrDefault(d => d.Name == domain), options.MaxVectors, seed, cancellation);
            Tensor? features = null;
            for (int i = 0; i < concepts.Count; i++)
            {
                if (concepts[i].Domain != domain)
                {
                    continue;
                }
                // Where the first concept of a domain is finished, what they share has been fitted.
                features ??= Shared(interpreter.Modules[i], domain, vectors.Vectors, fit: done >= finished);
                if (done++ < finished)
                {
                    continue;
                }
                progress?.Report(new WorkProgress($"Fitting {interpreter.Method}", $"{concepts[i]}: {vectors.Entities.Count} vectors", done - 1, concepts.Count));
                Module(interpreter.Modules[i], concepts[i], vectors, features);
                keeper.Write(
                    $"concept {done} of {concepts.Count}", new Dictionary<string, long> { [FixedMethodTraining.FinishedConcepts] = done },
                    RunKeeper.Named(RunKeeper.Parameters, interpreter.Parameters.State()));
            }
        }

        // What the domain's concepts share is fitted once; the result is what their probes read.
        Tensor Shared(ConceptModule module, string domain, Tensor vectors, bool fit)
        {
            switch (module)
            {
                case PcaModule pca:
                    if (fit)
                    {
                        pca.Components.Fit(vectors);
                    }
                    return pca.Components.Coordinates(vectors);
                case SaeModule sae:
                    if (fit)
                    {
                        TrainAutoencoder(domain, vectors);
                    }
                    return sae.Autoencoder.Encode(vectors.to(interpreter.Target.TorchDevice)).cpu();
                default:
                    return vectors;
            }
        }

        void TrainAutoencoder(string domain, Tensor vectors)
        {
            Dictionary<string, Tensor> state = interpreter.Parameters.State().ToDictionary(s => s.Key, s => s.Value);
            using IDisposable gradient = enable_grad();
            SaeTrainer.Train(
                vectors.to(interpreter.Target.TorchDevice), (SaeOptions)options, seed, keeper.Record,
                (name, value) =>
                {
                    using (no_grad())
                    {
                        state[FixedMethods.Prefix(domain) + name].copy_(value);
                    }
                },
                cancellation);
        }

        void Module(ConceptModule module, ConceptKey concept, EntityVectors vectors, Tensor features)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor rows, Tensor classes, int count) = vectors.Labelled(concept.Attribute);
            Tensor known = features.index_select(0, rows);
            switch (module)
            {
                case SelectedFeaturesModule selected:
                    double strength = options is PcaOptions pca ? pca.ProbeStrength : ((SaeOptions)options).ProbeStrength;
                    selected.Select(SparseProbe.Select(known, classes, count, strength, cancellation));
                    break;
                case RlapModule rlap:
                    rlap.Set(RlapGame.Play(known, classes, count, (RlapOptions)options, seed, keeper.Record, cancellation));
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(interpreter), interpreter, "Not a method that is fitted.");
            }
        }
    }
}
