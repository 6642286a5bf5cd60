using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>Root-mean-square normalisation, computed in float32.</summary>
public static class RmsNorm
{
    /// <summary>g ⊙ x / sqrt(mean(x²) + ε) over the last axis (docs/methods.md#notation), as in Llama: cast back, then scaled.</summary>
    /// <param name="x"><c>[..., hidden]</c>.</param>
    /// <param name="weight">g, <c>[hidden]</c>, in x's dtype.</param>
    /// <param name="epsilon">ε, e.g. 1e-5.</param>
    /// <returns><c>[..., hidden]</c> in x's dtype.</returns>
    public static Tensor Apply(Tensor x, Tensor weight, double epsilon)
    {
        using DisposeScope scope = NewDisposeScope();
        return Normed(x, epsilon).to_type(x.dtype).mul(weight).MoveToOuterDisposeScope();
    }

    /// <summary>(1 + g) ⊙ x / sqrt(mean(x²) + ε) over the last axis, as in Gemma: scaled in float32, then cast back.</summary>
    /// <inheritdoc cref="Apply"/>
    public static Tensor ApplyPlusOne(Tensor x, Tensor weight, double epsilon)
    {
        using DisposeScope scope = NewDisposeScope();
        return Normed(x, epsilon).mul(weight.to_type(ScalarType.Float32) + 1).to_type(x.dtype).MoveToOuterDisposeScope();
    }

    private static Tensor Normed(Tensor x, double epsilon)
    {
        Tensor wide = x.to_type(ScalarType.Float32);
        Tensor norm = linalg.vector_norm(wide, 2, [-1L], keepdim: true);
        return wide * full([], epsilon, ScalarType.Float32, x.device).addcmul(norm, norm, 1.0 / x.shape[^1]).rsqrt();
    }
}
