using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>The computation of one Llama block.</summary>
internal static class DecoderBlock
{
    /// <summary>h + attention(norm(h)), then h + feedForward(norm(h)).</summary>
    /// <param name="hidden"><c>[batch, tokens, hidden]</c>.</param>
    /// <param name="weights">The block's weights.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="context">Rotary tables and mask.</param>
    /// <param name="extend">Joins new keys and values with cached ones; null without a cache.</param>
    /// <returns><c>[batch, tokens, hidden]</c>.</returns>
    public static Tensor Run(
        Tensor hidden,
        DecoderBlockWeights weights,
        ModelConfig config,
        BlockContext context,
        Func<Tensor, Tensor, (Tensor Keys, Tensor Values)>? extend)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = hidden + Attend(RmsNorm.Apply(hidden, weights.InputNorm, config.RmsNormEpsilon), weights, config, context, extend);
        return (attended + FeedForward(RmsNorm.Apply(attended, weights.PostAttentionNorm, config.RmsNormEpsilon), weights)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The same of some columns only: keys and values are computed of every column, queries and all that comes after attention of those.
    /// </summary>
    /// <param name="hidden"><c>[batch, tokens, hidden]</c>.</param>
    /// <param name="weights">The block's weights.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="context">Rotary tables and mask of all columns.</param>
    /// <param name="columns">The columns wanted, <c>[batch, count]</c>, int64.</param>
    /// <returns><c>[batch, count, hidden]</c>.</returns>
    public static Tensor RunAt(Tensor hidden, DecoderBlockWeights weights, ModelConfig config, BlockContext context, Tensor columns)
    {
        using DisposeScope scope = NewDisposeScope();
        int heads = config.HeadCount, groups = config.KeyValueHeadCount;
        BlockContext asking = context.At(columns);
        Tensor x = RmsNorm.Apply(hidden, weights.InputNorm, config.RmsNormEpsilon);
        Tensor q = Products.Linear(Pick(x, columns), weights.Query).view(x.shape[0], -1, heads, config.HeadWidth);
        Tensor[] seen = Products.Linear(x, weights.KeyValue).view(x.shape[0], x.shape[1], 2 * groups, config.HeadWidth).split([groups, groups], 2);
        Tensor mixed = asking.Attend(
            RotaryEmbedding.Apply(q, asking.Rotary).transpose(1, 2),
            RotaryEmbedding.Apply(seen[0], context.Rotary).transpose(1, 2),
            seen[1].transpose(1, 2));
        Tensor attended = Pick(hidden, columns) + Products.Linear(mixed, weights.Output);
        return (attended + FeedForward(RmsNorm.Apply(attended, weights.PostAttentionNorm, config.RmsNormEpsilon), weights)).MoveToOuterDisposeScope();
    }

    /// <summary>Columns <c>[batch, count]</c> of <c>[batch, tokens, hidden]</c>.</summary>
    internal static Tensor Pick(Tensor hidden, Tensor columns) => hidden.gather(1, columns.unsqueeze(-1).expand(-1, -1, hidden.shape[2]));

    private static Tensor Attend(
        Tensor x,
        DecoderBlockWeights weights,
        ModelConfig config,
        BlockContext context,
        Func<Tensor, Tensor, (Tensor Keys, Tensor Values)>? extend)
    {
        int heads = config.HeadCount, groups = config.KeyValueHeadCount;
        // split, not narrow: its backward is one concatenation instead of a padded copy per part.
        Tensor[] projected = Products.Linear(x, weights.QueryKeyValue)
            .view(x.shape[0], x.shape[1], heads + 2 * groups, config.HeadWidth)
            .split([heads + groups, groups], 2);
        // Queries and keys turn alike, so they turn together.
        Tensor[] turned = RotaryEmbedding.Apply(projected[0], context.Rotary).split([heads, groups], 2);
        Tensor q = turned[0].transpose(1, 2), k = turned[1].transpose(1, 2), v = projected[1].transpose(1, 2);
        if (extend is not null)
        {
            (k, v) = extend(k, v);
        }
        return Products.Linear(context.Attend(q, k, v), weights.Output);
    }

    private static Tensor FeedForward(Tensor x, DecoderBlockWeights weights) => SwiGlu.Apply(x, weights.GateUp, weights.Down);
}
