using HyperDas.Engine.Ravel;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Golden;

/// <summary>The original's batches, left-padded tensors, as examples without padding.</summary>
internal static class GoldenExamples
{
    private const long PadId = 96;

    /// <summary>The examples of one batch.</summary>
    /// <param name="golden">The case.</param>
    /// <param name="prefix">What the batch's tensors begin with, e.g. <c>in/</c>.</param>
    /// <param name="concept">The concept of all of them.</param>
    internal static IReadOnlyList<TokenizedExample> Of(GoldenCase golden, string prefix, ConceptKey? concept = null)
    {
        long[][] @base = Rows("base_input_ids"), baseMask = Rows("base_attention_mask"), baseVisible = Rows("base_intervention_mask");
        long[][] source = Rows("source_input_ids"), sourceMask = Rows("source_attention_mask"),
            sourceVisible = Rows("source_intervention_mask");
        long[][] instructions = Rows("editor_input_ids"), labels = Rows("labels");
        long[] baseEntity = Flat("base_entity_position_ids"), sourceEntity = Flat("source_entity_position_ids");
        using Tensor causal = golden[prefix + "is_causal"];
        bool[] isCause = causal.data<bool>().ToArray();
        return
        [
            .. Enumerable.Range(0, @base.Length).Select(n => new TokenizedExample
            {
                BaseIds = Real(@base[n], baseMask[n]),
                PromptLength = (int)(baseMask[n].Sum() - labels[n].Count(l => l >= 0)),
                BaseVisible = (int)baseVisible[n].Sum(),
                SourceIds = Real(source[n], sourceMask[n]),
                SourceVisible = (int)sourceVisible[n].Sum(),
                InstructionIds = Real(instructions[n], [.. instructions[n].Select(i => i == PadId ? 0L : 1L)]),
                IsCause = isCause[n],
                Concept = concept,
                BaseEntityIndex = (int)(baseEntity[n] - baseMask[n].Count(m => m == 0)),
                SourceEntityIndex = (int)(sourceEntity[n] - sourceMask[n].Count(m => m == 0)),
            }),
        ];

        long[] Flat(string name)
        {
            using Tensor tensor = golden[prefix + name];
            return tensor.data<long>().ToArray();
        }

        long[][] Rows(string name)
        {
            using Tensor tensor = golden[prefix + name];
            return [.. tensor.data<long>().ToArray().Chunk((int)tensor.shape[1])];
        }
    }

    private static int[] Real(long[] ids, long[] mask) => [.. ids.Where((_, t) => mask[t] == 1).Select(i => (int)i)];
}
