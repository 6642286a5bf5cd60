namespace HyperDas.Engine.Ravel;

/// <summary>Usable examples with their tokens, and the number of unusable ones.</summary>
/// <param name="Usable">Those within the length limit that have a label token, in order.</param>
/// <param name="Unusable">The others.</param>
public sealed record TokenizedRows(
    IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> Usable, UnusableExamples Unusable)
{
    /// <summary>A remark about the unusable ones before the operation begins; null when all examples are usable.</summary>
    public string? Remark => Unusable.Total > 0 ? $"{Unusable}; {Usable.Count} of {Usable.Count + Unusable.Total} are used." : null;
}
