namespace HyperDas;

/// <summary>A token that an intervention edits, and where its new value comes from.</summary>
/// <param name="BaseToken">Text of the edited base token.</param>
/// <param name="BaseIndex">Its index in the base prompt, 0 = beginning-of-sequence.</param>
/// <param name="SourceToken">Text of the source token with the largest weight.</param>
/// <param name="SourceIndex">Its index in the source prompt.</param>
/// <param name="Weight">Its selection weight, 0 to 1.</param>
public sealed record TokenChoice(string BaseToken, int BaseIndex, string SourceToken, int SourceIndex, double Weight)
{
    /// <inheritdoc/>
    public override string ToString() => $"{SourceToken?.Trim()} → {BaseToken?.Trim()} ({Weight:F2})";
}

/// <summary>What one intervention did.</summary>
public sealed record InterventionResult
{
    /// <summary>The prompt that was edited.</summary>
    public required string BasePrompt { get; init; }

    /// <summary>The prompt that the feature's value came from.</summary>
    public required string CounterfactualPrompt { get; init; }

    /// <summary>The concept that was patched.</summary>
    public required string Concept { get; init; }

    /// <summary>
    /// The known concept that <see cref="Concept"/> is nearest to, e.g. <c>the country of a city</c>; null where the interpreter
    /// doesn't know any in words: one of an earlier version, the original's, a reference.
    /// </summary>
    public string? NearestConcept { get; init; }

    /// <summary>
    /// How far <see cref="Concept"/> is from the descriptions that the interpreter was trained on, 0 to 1: above 0.5 it is none of a
    /// concept that it knows. Null where <see cref="NearestConcept"/> is, or where each concept has one description, from which nothing can
    /// be learned about others.
    /// </summary>
    public double? ConceptDistance { get; init; }

    /// <summary>How selection weights became a patch.</summary>
    public required SelectionMode SelectionMode { get; init; }

    /// <summary>What the target model answers to the base prompt by itself.</summary>
    public required string OriginalOutput { get; init; }

    /// <summary>What it answers under the intervention.</summary>
    public required string IntervenedOutput { get; init; }

    /// <summary>The edited base tokens with their strongest source tokens, strongest first.</summary>
    public required IReadOnlyList<TokenChoice> ChosenTokens { get; init; }

    /// <summary>Texts of the base tokens, the beginning-of-sequence token first.</summary>
    public required IReadOnlyList<string> BaseTokens { get; init; }

    /// <summary>Texts of the source tokens, the beginning-of-sequence token first.</summary>
    public required IReadOnlyList<string> SourceTokens { get; init; }

    /// <summary>
    /// Selection weights <c>[source tokens + 1][base tokens]</c>; the last row is "no intervention". Each column sums to 1.
    /// </summary>
    public required double[][] Weights { get; init; }
}
