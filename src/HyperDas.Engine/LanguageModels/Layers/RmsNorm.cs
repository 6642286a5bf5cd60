using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>Root-mean-square normalisation as Llama does it: computed in float32, cast back, then scaled.</summary>
public static class RmsNorm
{
    /// <summary>g ⊙ x / sqrt(mean(x²) + ε) over the last axis (spec/hyperdas section 0).</summary>
    /// <param name="x"><c>[..., hidden]</c>.</param>
    /// <param name="weight">g, <c>[hidden]</c>, in x's dtype.</param>
    /// <param name="epsilon">ε, e.g. 1e-5.</param>
    /// <returns><c>[..., hidden]</c> in x's dtype.</returns>
    public static Tensor Apply(Tensor x, Tensor weight, double epsilon)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = x.to_type(ScalarType.Float32);
        Tensor norm = linalg.vector_norm(wide, 2, [-1L], keepdim: true);
        Tensor scale = full([], epsilon, ScalarType.Float32, x.device).addcmul(norm, norm, 1.0 / x.shape[^1]).rsqrt();
        return (wide * scale).to_type(x.dtype).mul(weight).MoveToOuterDisposeScope();
    }
}
