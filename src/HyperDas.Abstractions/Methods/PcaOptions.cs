using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>
/// PCA: the principal components C of standardised vectors that a sparse linear probe for the attribute uses; o = b + std · Cᵀ C (s′ − b′)
/// (docs/methods.md#pca).
/// </summary>
public sealed record PcaOptions : FeatureMethodOptions
{
    /// <summary>The probe's C, the weight of its errors against the L1 norm of its weights: larger values keep more components.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double ProbeStrength { get; init; } = 1e-3;

    /// <summary>
    /// Use the formula of RAVEL's code, o = (b + Cᵀ C (s′ − b′)) · std + mean, which isn't the identity when source equals base.
    /// </summary>
    public bool LiteralFormula { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override InterpreterMethod Method => InterpreterMethod.Pca;
}
