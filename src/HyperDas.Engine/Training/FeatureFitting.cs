using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.Features;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.States;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>Fits a method to the entity vectors of each domain (docs/methods.md#methods-with-a-fixed-position).</summary>
/// <param name="request">The training.</param>
internal sealed class FeatureFitting(TrainingRequest request) : ConceptWay(request)
{
    protected override void Train(
        FixedPositionInterpreter interpreter, ActivationCache cache, RunKeeper keeper, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        FeatureMethodOptions options = (FeatureMethodOptions)interpreter.Options;
        IFeatureFitting fitting = (IFeatureFitting)Description;
        PromptTokenizer tokenizer = new(interpreter.Target.Tokenizer);
        IReadOnlyList<ConceptKey> concepts = interpreter.LearnedConcepts;
        int done = 0, finished = (int)(keeper.Saved?.Counter(FinishedConcepts) ?? 0);
        keeper.Began();
        foreach (string domain in concepts.Select(c => c.Domain).Distinct())
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            EntityVectors vectors = EntityVectorCollector.Collect(
                cache, tokenizer, Examples, domain, Request.Domains?.FirstOrDefault(d => d.Name == domain),
                options.Position, options.MaxVectors,
                Options.Seed, cancellation);
            FittingContext context = new(
                vectors.Vectors, interpreter.Target.TorchDevice, Options.Seed, keeper.Record, (name, value) =>
                    Take(FixedNames.Prefix(domain) + name, value), cancellation);
            Tensor? features = null;
            for (int i = 0; i < concepts.Count; i++)
            {
                if (concepts[i].Domain != domain)
                {
                    continue;
                }
                // When the first concept of a domain is finished, the shared parameters have been fitted.
                features ??= fitting.Share(interpreter.Modules[i], options, context, fit: done >= finished);
                if (done++ < finished)
                {
                    continue;
                }
                progress?.Report(new WorkProgress(
                    $"Fitting {interpreter.Method}", $"{concepts[i]}: {vectors.Entities.Count} vectors", done - 1, concepts.Count));
                using (DisposeScope own = NewDisposeScope())
                {
                    (Tensor rows, Tensor classes, int count) = vectors.Labelled(concepts[i].Attribute);
                    fitting.Fit(
                        interpreter.Modules[i], options, new LabelledFeatures(features.index_select(0, rows), classes, count), context);
                }
                keeper.Write(
                    $"concept {done} of {concepts.Count}", new Dictionary<string, long> { [FinishedConcepts] = done },
                    RunKeeper.Named(RunKeeper.Parameters, interpreter.Parameters.State()));
            }
        }

        void Take(string name, Tensor value)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            interpreter.Parameters.State().Single(s => s.Key == name).Value.copy_(value);
        }
    }
}
