using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HyperDas.Engine.LanguageModels;

/// <summary>The computation of one Llama block.</summary>
internal static class LlamaBlock
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
        LlamaBlockWeights weights,
        LlamaConfig config,
        BlockContext context,
        Func<Tensor, Tensor, (Tensor Keys, Tensor Values)>? extend)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = hidden + Attend(RmsNorm.Apply(hidden, weights.InputNorm, config.RmsNormEpsilon), weights, config, context, extend);
        return (attended + FeedForward(RmsNorm.Apply(attended, weights.PostAttentionNorm, config.RmsNormEpsilon), weights, config)).MoveToOuterDisposeScope();
    }

    private static Tensor Attend(
        Tensor x,
        LlamaBlockWeights weights,
        LlamaConfig config,
        BlockContext context,
        Func<Tensor, Tensor, (Tensor Keys, Tensor Values)>? extend)
    {
        int heads = config.HeadCount, groups = config.KeyValueHeadCount;
        Tensor projected = functional.linear(x, weights.QueryKeyValue).view(x.shape[0], x.shape[1], heads + 2 * groups, config.HeadWidth);
        // Queries and keys turn alike, so they turn together.
        Tensor turned = RotaryEmbedding.Apply(projected.narrow(2, 0, heads + groups), context.Rotary);
        Tensor q = turned.narrow(2, 0, heads).transpose(1, 2);
        Tensor k = turned.narrow(2, heads, groups).transpose(1, 2);
        Tensor v = projected.narrow(2, heads + groups, groups).transpose(1, 2);
        if (extend is not null)
        {
            (k, v) = extend(k, v);
        }
        return functional.linear(Attention.Apply(q, k, v, context.Mask), weights.Output);
    }

    private static Tensor FeedForward(Tensor x, LlamaBlockWeights weights, LlamaConfig config)
    {
        Tensor both = functional.linear(x, weights.GateUp);
        Tensor gate = both.narrow(-1, 0, config.InnerWidth), up = both.narrow(-1, config.InnerWidth, config.InnerWidth);
        return functional.linear(functional.silu(gate) * up, weights.Down);
    }
}
