using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>The feed-forward layer of a decoder block.</summary>
internal static class FeedForward
{
    /// <summary>down( activation(gate x) ⊙ up x ) or down( activation(up x) ).</summary>
    /// <param name="x"><c>[..., hidden]</c>.</param>
    /// <param name="up">W_up, <c>[inner, hidden]</c>; with a gate, W_gate and W_up concatenated by rows, <c>[2 · inner, hidden]</c>: one
    /// product for both.</param>
    /// <param name="upBias">Its bias, or null.</param>
    /// <param name="down">W_down, <c>[output, inner]</c>.</param>
    /// <param name="downBias">Its bias, or null.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="gated">Whether there is a gate.</param>
    /// <returns><c>[..., output]</c>.</returns>
    public static Tensor Apply(Tensor x, Tensor up, Tensor? upBias, Tensor down, Tensor? downBias, Activation activation, bool gated)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor inner = Products.Linear(x, up, upBias);
        if (gated)
        {
            Tensor[] both = inner.chunk(2, -1);
            inner = Activate(both[0], activation) * both[1];
        }
        else
        {
            inner = Activate(inner, activation);
        }
        return Products.Linear(inner, down, downBias).MoveToOuterDisposeScope();
    }

    private static Tensor Activate(Tensor x, Activation activation) => activation switch
    {
        Activation.Silu => nn.functional.silu(x),
        Activation.Gelu => x.gelu(TorchSharp.Modules.GELU.Approximate.none),
        Activation.GeluTanh => x.gelu(TorchSharp.Modules.GELU.Approximate.tanh),
        Activation.Relu => nn.functional.relu(x),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };
}
