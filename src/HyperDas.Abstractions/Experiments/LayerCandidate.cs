using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>A layer that a search looked at: what was found out about it, what that cost, and how it ranks.</summary>
public sealed record LayerCandidate
{
    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>Place among the layers, from 1: the best.</summary>
    public required int Place { get; init; }

    /// <summary>Intervention layer ℓ: Hugging Face <c>hidden_states[ℓ]</c>.</summary>
    public required int Layer { get; init; }

    /// <summary>
    /// Cause of swapping the whole hidden state at the entity's last token, in percent, on validation examples: what a subspace there can
    /// change at most. Null without cause examples.
    /// </summary>
    public double? SwapCause { get; init; }

    /// <summary>The short trainings, in the order of the rounds; none where the swap already ruled the layer out.</summary>
    public IReadOnlyList<LayerTrial> Trials { get; init; } = [];

    /// <summary>Cause of the last of them on validation examples, in percent; null without one.</summary>
    [JsonIgnore]
    public double? Cause => Trials is { Count: > 0 } ? Trials[^1].Cause : null;

    /// <summary>Its isolate, in percent.</summary>
    [JsonIgnore]
    public double? Isolate => Trials is { Count: > 0 } ? Trials[^1].Isolate : null;

    /// <summary>Its disentangle, in percent.</summary>
    [JsonIgnore]
    public double? Disentangle => Trials is { Count: > 0 } ? Trials[^1].Disentangle : null;

    /// <summary>The harmonic mean of its cause and isolate, in percent: what ranks layers of the same round.</summary>
    [JsonIgnore]
    public double? Balance => Trials is { Count: > 0 } ? Trials[^1].Balance : null;

    /// <summary>Training steps that were spent on the layer.</summary>
    [JsonIgnore]
    public int Steps => Trials?.Sum(trial => trial.Steps) ?? 0;

    /// <summary>Processor time of swap, trainings and their scoring; of what was interrupted, the attempts that could tell.</summary>
    public TimeSpan ProcessorTime { get; init; }

    /// <summary>Why the search went on without it; null of the layer that it ends with.</summary>
    public string? LeftOut { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Place}. layer {Layer}{(LeftOut is null ? "" : $": {LeftOut}")}");
}
