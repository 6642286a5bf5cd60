using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>
/// SAE: a sparse autoencoder for each domain. The latents that a sparse linear probe for the attribute uses are taken from the source; o =
/// decode(z) (docs/methods.md#sparse-autoencoder).
/// </summary>
public sealed record SaeOptions : FeatureMethodOptions
{
    /// <summary>Number of latents as a multiple of the hidden width.</summary>
    [Range(1, int.MaxValue)]
    public int LatentMultiple { get; init; } = 4;

    /// <summary>
    /// λ, the weight of the mean absolute latent against the mean squared error, for vectors scaled to mean square 1. RAVEL uses 0.5 to 0.8
    /// for unscaled vectors of models with billions of weights.
    /// </summary>
    [Range(0.0, double.MaxValue)]
    public double Sparsity { get; init; } = 0.1;

    /// <summary>Passes over the vectors.</summary>
    [Range(1, int.MaxValue)]
    public int Epochs { get; init; } = 20;

    /// <summary>Vectors for each step.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// Initial learning rate, which falls along a cosine to half its value; RAVEL uses 1e-4 with 30 times as many vectors.
    /// </summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decoupled weight decay.</summary>
    [Range(0.0, double.MaxValue)]
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>The probe's C, the weight of its errors against the L1 norm of its weights: larger values keep more latents.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double ProbeStrength { get; init; } = 1e-3;

    /// <summary>
    /// Add the part of the base that the autoencoder fails to reconstruct, as MIB does. Without it, as in RAVEL, the reconstruction error
    /// alone lowers the isolate score.
    /// </summary>
    public bool AddError { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override InterpreterMethod Method => InterpreterMethod.Sae;
}
