using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.Memory;
using HyperDas.Engine.Training.States;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>
/// Trains each concept separately, on its own examples with its own optimiser and schedule, as the originals train one model for each
/// attribute (docs/methods.md#das-and-mdas).
/// </summary>
/// <param name="request">The training; epochs and schedules are counted for each concept.</param>
internal sealed class ConceptTraining(TrainingRequest request) : ConceptWay(request)
{
    /// <inheritdoc/>
    public override (double Bytes, int Epochs) States =>
        (MemoryPredictor.StateBytes(Request.Model, Request.Method, [.. Examples.Select(e => e.Tokens)]), AreDrawnAnew ? Options.Epochs : 1);

    protected override void Train(
        FixedPositionInterpreter whole, ActivationCache cache, RunKeeper keeper, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        MemoryPredictor.ThrowIfTooLarge(whole.Target, Request.Method, [.. Examples.Select(e => e.Tokens)], Options);
        ILookup<ConceptKey, (RavelExample Example, TokenizedExample Tokens)> rows = Examples.ToLookup(e => e.Tokens.Concept!);
        IReadOnlyList<ConceptKey> concepts = whole.LearnedConcepts;
        int finished = (int)(keeper.Saved?.Counter(FinishedConcepts) ?? 0);
        keeper.Plan(concepts.Sum(concept => Trainer.TotalSteps(rows[concept].Count(), Options)));
        if (keeper.Saved is not null && !AreDrawnAnew)
        {
            // All concepts share the cache: its computations for a later one depend on what the earlier ones left in it.
            cache.Defer();
        }
        for (int i = 0; i < concepts.Count; i++)
        {
            ConceptKey concept = concepts[i];
            TokenizedExample[] own = [.. rows[concept].Select(row => row.Tokens)];
            if (i < finished)
            {
                if (!AreDrawnAnew)
                {
                    Trainer.Replay(whole, own, Options, cache, int.MaxValue, progress, cancellation);
                }
                continue;
            }
            if (AreDrawnAnew)
            {
                // Each epoch starts with an empty cache, including a concept's first one, so that a training can resume at any of them.
                cache.Clear();
            }
            using FixedPositionInterpreter single = (FixedPositionInterpreter)Description.Create(
                whole.Target, whole.Options, [concept], Options.Seed);
            LoopKeeper loop = new(
                keeper, single, "current/", new Dictionary<string, long> { [FinishedConcepts] = i },
                () => RunKeeper.Named(RunKeeper.Parameters, whole.Parameters.State()), $"concept {i + 1} of {concepts.Count}, ");
            Trainer.Train(
                single, Shown([.. rows[concept].Select(row => row.Example)], own, cancellation), Options, cache, keeper.Record, loop,
                plan: null, progress is null ? null : new ConceptProgress(progress, concept), cancellation);
            Copy(single, whole);
            if (i + 1 < concepts.Count)
            {
                using DisposeScope scope = NewDisposeScope();
                keeper.Write(
                    $"concept {i + 1} of {concepts.Count}",
                    new Dictionary<string, long>(LoopKeeper.NotBegun) { [FinishedConcepts] = i + 1 },
                    RunKeeper.Named(RunKeeper.Parameters, whole.Parameters.State()));
            }
        }
    }

    // The pairs are those of a training with descriptions and the same seed; descriptions have no meaning here.
    private TrainingExamples Shown(RavelExample[] rows, TokenizedExample[] first, CancellationToken cancellation)
    {
        if (!AreDrawnAnew)
        {
            return new TrainingExamples(first);
        }
        EpochPairs pairs = new(Request.Dataset.Pool!, rows, Collator, Options.Seed, described: false);
        return new TrainingExamples(first, epoch => pairs.Draw(epoch, cancellation));
    }

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
