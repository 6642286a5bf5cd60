using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Parity;

/// <summary>How often an interpreter finds the two entities' last tokens.</summary>
internal static class SelectionHits
{
    private const int BatchSize = 64;

    /// <summary>Percent of cause examples whose largest weight, "no intervention" aside, is the pair of last entity tokens.</summary>
    public static double Percent(Interpreter interpreter, IReadOnlyList<RavelExample> examples)
    {
        TokenizedExample[] cause =
        [
            .. new RavelCollator(interpreter.Target.Tokenizer, interpreter.Collation).TokenizeUsable(examples).Select(e => e.Tokens)
                .Where(t => t.IsCause),
        ];
        using ActivationCache cache = interpreter.CreateCache();
        InterchangeBatchBuilder builder = new(interpreter.Target, cache, interpreter.Layer, interpreter.NormedLastLayerSource);
        long hits = 0;
        using (no_grad())
        {
            foreach (TokenizedExample[] chunk in cause.Chunk(BatchSize))
            {
                using DisposeScope scope = NewDisposeScope();
                InterchangeBatch batch = builder.Build(chunk);
                Tensor weights = interpreter.Propose(batch).Weights;
                long sources = weights.shape[1] - 1, columns = weights.shape[2];
                Tensor best = weights.narrow(1, 0, sources).flatten(1).argmax(1);
                hits += (best == (batch.SourceEntity * columns) + batch.BaseEntity).sum().item<long>();
            }
        }
        return 100.0 * hits / cause.Length;
    }
}
