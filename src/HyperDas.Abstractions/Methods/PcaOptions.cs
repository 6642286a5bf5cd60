using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>
/// PCA: principal components C of standardised vectors, those that a sparse linear probe for the attribute uses;
/// o = b + std · Cᵀ C (s′ − b′) (docs/methods.md#pca).
/// </summary>
public sealed record PcaOptions : FeatureMethodOptions
{
    /// <summary>The probe's C, weight of its errors against the L1 norm of its weights: more keeps more components.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double ProbeStrength { get; init; } = 1e-3;

    /// <summary>
    /// The formula as RAVEL's code has it, o = (b + Cᵀ C (s′ − b′)) · std + mean: no identity where source equals base.
    /// </summary>
    public bool LiteralFormula { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override InterpreterMethod Method => InterpreterMethod.Pca;
}
