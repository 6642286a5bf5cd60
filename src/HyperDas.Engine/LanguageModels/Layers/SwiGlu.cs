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
        long inner = gateUp.shape[0] / 2;
        Tensor both = nn.functional.linear(x, gateUp);
        Tensor gated = nn.functional.silu(both.narrow(-1, 0, inner)) * both.narrow(-1, inner, inner);
        return nn.functional.linear(gated, down).MoveToOuterDisposeScope();
    }
}
