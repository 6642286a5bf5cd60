using HyperDas.Engine.Checkpoints;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>Llama's gated feed-forward layer.</summary>
public static class SwiGlu
{
    /// <summary>W_down( SiLU(W_gate x) ⊙ W_up x ).</summary>
    /// <param name="x"><c>[..., hidden]</c>.</param>
    /// <param name="gateUp">W_gate and W_up concatenated by rows, <c>[2 · inner, hidden]</c>: one product for both.</param>
    /// <param name="down">W_down, <c>[output, inner]</c>.</param>
    /// <returns><c>[..., output]</c>.</returns>
    public static Tensor Apply(Tensor x, Tensor gateUp, Tensor down) =>
        FeedForward.Apply(x, gateUp, null, down, null, Activation.Silu, gated: true);
}
