using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>
/// SAE: a sparse autoencoder for each domain; the latents that a sparse linear probe for the attribute uses are taken from the source,
/// o = decode(z) (docs/methods.md#sparse-autoencoder).
/// </summary>
public sealed record SaeOptions : FeatureMethodOptions
{
    /// <summary>Latents as a multiple of the hidden width.</summary>
    [Range(1, int.MaxValue)]
    public int LatentMultiple { get; init; } = 4;

    /// <summary>
    /// λ, weight of the mean absolute latent against the mean squared error, for vectors scaled to mean square 1. RAVEL takes 0.5 to 0.8
    /// for unscaled ones of billion-weight models.
    /// </summary>
    [Range(0.0, double.MaxValue)]
    public double Sparsity { get; init; } = 0.1;

    /// <summary>Passes over the vectors.</summary>
    [Range(1, int.MaxValue)]
    public int Epochs { get; init; } = 20;

    /// <summary>Vectors for each step.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 32;

    /// <summary>Learning rate at the start, falling along a cosine to half of it; RAVEL takes 1e-4 with 30 times as many vectors.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decoupled weight decay.</summary>
    [Range(0.0, double.MaxValue)]
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>The probe's C, weight of its errors against the L1 norm of its weights: more keeps more latents.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double ProbeStrength { get; init; } = 1e-3;

    /// <summary>
    /// Add what the autoencoder fails to reconstruct of the base, as MIB does. Without it, as in RAVEL, the reconstruction's error alone
    /// already costs isolate score.
    /// </summary>
    public bool AddError { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override InterpreterMethod Method => InterpreterMethod.Sae;
}
