using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>The normalisations of the families.</summary>
internal static class Norms
{
    /// <summary>Normalises over the last axis.</summary>
    /// <param name="kind">Kind of norm.</param>
    /// <param name="x"><c>[..., hidden]</c>.</param>
    /// <param name="weight"><c>[hidden]</c>.</param>
    /// <param name="bias"><c>[hidden]</c>, or null; only for <see cref="NormKind.Layer"/>.</param>
    /// <param name="epsilon">ε, e.g. 1e-5.</param>
    /// <returns><c>[..., hidden]</c> in x's dtype.</returns>
    public static Tensor Apply(NormKind kind, Tensor x, Tensor weight, Tensor? bias, double epsilon) => kind switch
    {
        NormKind.Rms => RmsNorm.Apply(x, weight, epsilon),
        NormKind.RmsPlusOne => RmsNorm.ApplyPlusOne(x, weight, epsilon),
        NormKind.Layer => LayerNorm(x, weight, bias, epsilon),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown normalisation."),
    };

    // The library requires one format; weights and states may have different ones.
    private static Tensor LayerNorm(Tensor x, Tensor weight, Tensor? bias, double epsilon)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.layer_norm(x, [x.shape[^1]], weight.to_type(x.dtype), bias?.to_type(x.dtype), epsilon)
            .MoveToOuterDisposeScope();
    }
}
