namespace HyperDas;

/// <summary>How many facts of a domain a target model answers: whole values, most likely token by token.</summary>
/// <param name="Domain">Domain, e.g. <c>city</c>.</param>
/// <param name="TrainedTemplates">Share of (entity, train template) pairs answered right, in percent.</param>
/// <param name="HeldOutTemplates">Share of (entity, val or test template) pairs answered right, in percent; NaN without any.</param>
public sealed record FactAccuracy(string Domain, double TrainedTemplates, double HeldOutTemplates)
{
    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Domain}: {TrainedTemplates:F1} % of trained, {HeldOutTemplates:F1} % of held-out templates");
}

/// <summary>What a finished pretraining leaves behind.</summary>
public sealed record PretrainingResult
{
    /// <summary>Absolute Hugging Face folder of the model.</summary>
    public required string Path { get; init; }

    /// <summary>Number of weights.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Tokens trained on, padding included.</summary>
    public required long Tokens { get; init; }

    /// <summary>Number of optimiser steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Mean loss of the last steps.</summary>
    public required double FinalLoss { get; init; }

    /// <summary>Wall-clock time, the check of the facts included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How many facts the saved model answers, by domain.</summary>
    public required IReadOnlyList<FactAccuracy> Accuracy { get; init; }

    /// <summary>Seed that everything random came from.</summary>
    public required long Seed { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
