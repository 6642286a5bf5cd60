using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>A short training at a layer.</summary>
/// <param name="Steps">Training steps.</param>
/// <param name="Cause">Cause on validation examples, in percent.</param>
/// <param name="Isolate">Isolate, in percent.</param>
public sealed record LayerTrial(int Steps, double Cause, double Isolate)
{
    /// <summary>Mean of both, in percent.</summary>
    [JsonIgnore]
    public double Disentangle => (Cause + Isolate) / 2;

    /// <summary>
    /// Harmonic mean of both, in percent, which ranks layers. A short training has often hardly begun to change anything, and the plain
    /// mean is 50 for no change at all, more than for a training that has begun to learn.
    /// </summary>
    [JsonIgnore]
    public double Balance => Cause + Isolate > 0 ? 2 * Cause * Isolate / (Cause + Isolate) : 0;

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Steps} steps: cause {Cause:F1}, isolate {Isolate:F1}, balance {Balance:F1}");
}
