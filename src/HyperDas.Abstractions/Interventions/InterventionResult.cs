namespace HyperDas;

/// <summary>A token that an intervention edits, and the source of its new value.</summary>
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

/// <summary>Result of one intervention.</summary>
public sealed record InterventionResult
{
    /// <summary>The prompt that was edited.</summary>
    public required string BasePrompt { get; init; }

    /// <summary>The prompt that supplied the feature's value.</summary>
    public required string CounterfactualPrompt { get; init; }

    /// <summary>The concept that was patched.</summary>
    public required string Concept { get; init; }

    /// <summary>
    /// The known concept nearest to <see cref="Concept"/>, e.g. <c>the country of a city</c>; null if the interpreter knows no
    /// descriptions: one of an earlier version, the original's, a reference.
    /// </summary>
    public string? NearestConcept { get; init; }

    /// <summary>
    /// Distance of <see cref="Concept"/> from the descriptions that the interpreter was trained on, 0 to 1; above 0.5 it doesn't describe a
    /// known concept. Null if <see cref="NearestConcept"/> is null, or if each concept has a single description, from which nothing can be
    /// learned about others.
    /// </summary>
    public double? ConceptDistance { get; init; }

    /// <summary>How selection weights were turned into a patch.</summary>
    public required SelectionMode SelectionMode { get; init; }

    /// <summary>The target model's answer to the base prompt without the intervention.</summary>
    public required string OriginalOutput { get; init; }

    /// <summary>Its answer with the intervention.</summary>
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
