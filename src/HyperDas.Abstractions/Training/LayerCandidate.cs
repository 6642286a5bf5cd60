using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>A layer that a search examined: the results, their cost, and the rank.</summary>
public sealed record LayerCandidate
{
    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>Rank among the layers; 1 is the best.</summary>
    public required int Place { get; init; }

    /// <summary>Intervention layer ℓ: Hugging Face <c>hidden_states[ℓ]</c>.</summary>
    public required int Layer { get; init; }

    /// <summary>
    /// Cause of swapping the whole hidden state at the entity's last token, in percent, on validation examples: the upper limit for a
    /// subspace at this layer. Null without cause examples.
    /// </summary>
    public double? SwapCause { get; init; }

    /// <summary>The short trainings, in the order of the rounds; empty if the swap already excluded the layer.</summary>
    public IReadOnlyList<LayerTrial> Trials { get; init; } = [];

    /// <summary>Cause of the last training on validation examples, in percent; null if there is none.</summary>
    [JsonIgnore]
    public double? Cause => Trials is { Count: > 0 } ? Trials[^1].Cause : null;

    /// <summary>Its isolate, in percent.</summary>
    [JsonIgnore]
    public double? Isolate => Trials is { Count: > 0 } ? Trials[^1].Isolate : null;

    /// <summary>Its disentangle, in percent.</summary>
    [JsonIgnore]
    public double? Disentangle => Trials is { Count: > 0 } ? Trials[^1].Disentangle : null;

    /// <summary>The harmonic mean of its cause and isolate, in percent, which ranks layers of the same round.</summary>
    [JsonIgnore]
    public double? Balance => Trials is { Count: > 0 } ? Trials[^1].Balance : null;

    /// <summary>Training steps spent on the layer.</summary>
    [JsonIgnore]
    public int Steps => Trials?.Sum(trial => trial.Steps) ?? 0;

    /// <summary>Processor time of swap, trainings and scoring; for interrupted ones, of the attempts that recorded it.</summary>
    public TimeSpan ProcessorTime { get; init; }

    /// <summary>Why the search continued without the layer; null for the layer that it ended with.</summary>
    public string? LeftOut { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Place}. layer {Layer}{(LeftOut is null ? "" : $": {LeftOut}")}");
}
