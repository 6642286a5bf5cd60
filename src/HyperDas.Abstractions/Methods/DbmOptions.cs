using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>
/// DBM: a mask over the hidden dimensions for each concept, in training o = (1 − g) b + g s with g = σ(m / T), afterwards a hard one:
/// dimensions with m &gt; 0 are swapped (docs/methods.md#dbm). T runs from <see cref="TrainingOptions.TemperatureStart"/> to
/// <see cref="TrainingOptions.TemperatureEnd"/>; MIB takes 1 to 0.01, RAVEL's paper 1e-2 to 1e-7.
/// </summary>
public sealed record DbmOptions : FixedMethodOptions
{
    /// <summary>c: weight of Σ g in the loss. MIB takes 0.</summary>
    [Range(0.0, double.MaxValue)]
    public double MaskPenalty { get; init; }

    /// <summary>Train on isolate examples too ("MDBM"); otherwise on cause examples alone.</summary>
    public bool MultiTask { get; init; } = true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override InterpreterMethod Method => InterpreterMethod.Dbm;
}
