namespace HyperDas;

/// <summary>Number of facts of a domain that a target model answers: whole values, the most likely token at each position.</summary>
/// <param name="Domain">Domain, e.g. <c>city</c>.</param>
/// <param name="TrainedTemplates">Share of (entity, train template) pairs answered correctly, in percent.</param>
/// <param name="HeldOutTemplates">Share of (entity, val or test template) pairs answered correctly, in percent; NaN if there are
/// none.</param>
public sealed record FactAccuracy(string Domain, double TrainedTemplates, double HeldOutTemplates)
{
    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Domain}: {TrainedTemplates:F1} % of trained, {HeldOutTemplates:F1} % of held-out templates");
}

/// <summary>Result of a finished pretraining.</summary>
public sealed record PretrainingResult
{
    /// <summary>Absolute Hugging Face folder of the model.</summary>
    public required string Path { get; init; }

    /// <summary>Number of weights.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Tokens trained on, including padding.</summary>
    public required long Tokens { get; init; }

    /// <summary>Number of optimiser steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Mean loss of the last steps.</summary>
    public required double FinalLoss { get; init; }

    /// <summary>Wall-clock time, including the check of the facts.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Share of facts that the saved model answers, by domain.</summary>
    public required IReadOnlyList<FactAccuracy> Accuracy { get; init; }

    /// <summary>Seed of all random draws.</summary>
    public required long Seed { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
