using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>Llama's gated feed-forward layer.</summary>
public static class SwiGlu
{
    /// <summary>W_down( SiLU(W_gate x) ⊙ W_up x ).</summary>
    /// <param name="x"><c>[..., hidden]</c>.</param>
    /// <param name="gateUp">W_gate above W_up, <c>[2 · inner, hidden]</c>: one product for both.</param>
    /// <param name="down">W_down, <c>[output, inner]</c>.</param>
    /// <returns><c>[..., output]</c>.</returns>
    public static Tensor Apply(Tensor x, Tensor gateUp, Tensor down)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] both = Products.Linear(x, gateUp).chunk(2, -1);
        return Products.Linear(nn.functional.silu(both[0]) * both[1], down).MoveToOuterDisposeScope();
    }
}
