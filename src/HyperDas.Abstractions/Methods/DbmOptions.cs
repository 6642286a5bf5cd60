using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>
/// DBM: a mask over the hidden dimensions for each concept. In training o = (1 − g) b + g s with g = σ(m / T); afterwards the mask is hard:
/// dimensions with m &gt; 0 are swapped (docs/methods.md#dbm). T runs from <see cref="TrainingOptions.TemperatureStart"/> to
/// <see cref="TrainingOptions.TemperatureEnd"/>; MIB uses 1 to 0.01, RAVEL's paper 1e-2 to 1e-7.
/// </summary>
public sealed record DbmOptions : FixedMethodOptions
{
    /// <summary>c, the weight of Σ g in the loss. MIB uses 0.</summary>
    [Range(0.0, double.MaxValue)]
    public double MaskPenalty { get; init; }

    /// <summary>Also train on isolate examples ("MDBM"); otherwise only on cause examples.</summary>
    public bool MultiTask { get; init; } = true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override InterpreterMethod Method => InterpreterMethod.Dbm;
}
