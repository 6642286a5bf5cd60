using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>
/// RLAP: the rank-k subspace W whose removal hurts a linear probe for the attribute most, found in a game between the two; o = b + Wᵀ W (s
/// − b) (docs/methods.md#rlap).
/// </summary>
public sealed record RlapOptions : FeatureMethodOptions
{
    /// <summary>Feature dimension k, 1 to d.</summary>
    [Range(1, int.MaxValue)]
    public int FeatureDimension { get; init; } = 24;

    /// <summary>Rounds of the game, each with one step of either side; the original plays 75,000.</summary>
    [Range(1, int.MaxValue)]
    public int Steps { get; init; } = 1000;

    /// <summary>Vectors for each step.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 128;

    /// <summary>Step size of both sides, for vectors scaled to mean square 1; the original uses 0.005.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Weight decay of both sides.</summary>
    [Range(0.0, double.MaxValue)]
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Rounds between evaluations; of the evaluated subspaces, the one that leaves the highest loss is kept.</summary>
    [Range(1, int.MaxValue)]
    public int EvaluateEvery { get; init; } = 250;

    /// <inheritdoc/>
    [JsonIgnore]
    public override InterpreterMethod Method => InterpreterMethod.Rlap;
}
