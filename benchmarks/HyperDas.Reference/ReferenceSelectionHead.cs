using HyperDas.Engine.LanguageModels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HyperDas.Reference;

/// <summary>
/// Pair scores as the original computes them (docs/methods.md#selection-score): every (source, base) pair is concatenated, combined,
/// projected to a key of its own and turned to its rank; heads are scored one by one and averaged.
/// </summary>
/// <param name="model">The target model.</param>
/// <param name="options">What the interpreter consists of.</param>
/// <param name="parameters">Its parameters.</param>
internal sealed class ReferenceSelectionHead(LanguageModel model, HypernetworkOptions options, ReferenceParameters parameters)
{
    /// <summary>Soft selection weights.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="concept">e, <c>[batch, d]</c>.</param>
    /// <param name="source">Unit vectors at ℓ, <c>[batch, source, d]</c>.</param>
    /// <param name="base">Unit vectors at ℓ, <c>[batch, base, d]</c>.</param>
    /// <param name="sourceFirst">Concatenate [s; b] instead of [b; s].</param>
    /// <returns><c>[batch, source + 1, base]</c>.</returns>
    public Tensor Weights(ReferenceBatch batch, Tensor concept, Tensor source, Tensor @base, bool sourceFirst)
    {
        Tensor speeds = ReferenceAttention.Speeds(model);
        int width = model.Config.HeadWidth;
        long count = source.shape[0], sources = source.shape[1], columns = @base.shape[1], d = source.shape[2];
        Tensor b = @base.unsqueeze(1).expand(count, sources, columns, d), s = source.unsqueeze(2).expand(count, sources, columns, d);
        Tensor pairs = functional.linear(cat(sourceFirst ? [s, b] : [b, s], -1), parameters["hypernetwork.lm_head.q_combine.weight"]);
        Tensor inputs = cat([pairs, @base.unsqueeze(1)], 1).view(count, -1, d);

        Tensor visiblePairs = batch.Source.Visible.unsqueeze(2) * batch.Base.Visible.unsqueeze(1);
        Tensor visible = cat([visiblePairs, ones_like(batch.Base.Visible).unsqueeze(1)], 1).view(count, -1);
        Tensor positions = ReferenceAttention.Ranks(visible);
        if (!options.PaddedSelfPositions)
        {
            // The project's own reading: the rank of "no intervention" starts at the prompt's first token,
            // however much padding is before it.
            Tensor self = cat([zeros_like(batch.Base.Visible).unsqueeze(1).expand(-1, sources, -1),
                ones_like(batch.Base.Visible).unsqueeze(1)], 1).view(count, -1);
            positions = positions - (self * batch.BaseStart.unsqueeze(1));
        }

        Tensor keys = ReferenceAttention.Heads(functional.linear(inputs, parameters["hypernetwork.lm_head.k_proj.weight"]), width);
        keys = ReferenceAttention.Rotate(keys, positions, speeds)
            .repeat_interleave(model.Config.HeadCount / model.Config.KeyValueHeadCount, 1);
        Tensor query = ReferenceAttention.Heads(
            functional.linear(concept.unsqueeze(1), parameters["hypernetwork.lm_head.q_proj.weight"]), width);
        query = ReferenceAttention.Rotate(query, batch.Instruction.Real.sum([1L], keepdim: true), speeds);
        Tensor scores = query.matmul(keys.transpose(2, 3)) / Math.Sqrt(width);
        scores = scores + ((1 - visible.view(count, 1, 1, -1).to_type(ScalarType.Float32)) * ReferenceAttention.Hidden);
        Tensor mean = scores.mean([1L]).view(count, sources + 1, columns);
        return (options.Selection == SelectionScore.Bilinear ? mean + Products(concept, s, b) : mean).softmax(1);
    }

    /// <summary>
    /// The project's own term of the score: a product of both tokens and the concept, coordinate by coordinate; 0 for "no intervention".
    /// </summary>
    private Tensor Products(Tensor concept, Tensor source, Tensor @base)
    {
        Tensor Project(Tensor x, string name) => functional.linear(x, parameters[$"hypernetwork.lm_head.pair_{name}_proj.weight"]);
        Tensor weight = Project(concept, "concept").view(concept.shape[0], 1, 1, -1) * Math.Sqrt(concept.shape[1]);
        Tensor products = (Project(source, "source") * Project(@base, "base") * weight).sum([-1L]);
        return cat([products, zeros_like(products.narrow(1, 0, 1))], 1);
    }
}
