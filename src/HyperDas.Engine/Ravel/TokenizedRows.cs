namespace HyperDas.Engine.Ravel;

/// <summary>Examples that can be learned from and scored, with their tokens, and how many others there were.</summary>
/// <param name="Usable">Those within the length limit that have a label token, in order.</param>
/// <param name="Unusable">The others.</param>
public sealed record TokenizedRows(
    IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> Usable, UnusableExamples Unusable)
{
    /// <summary>A sentence about those that are left out, for before the work begins; null when all examples can be used.</summary>
    public string? Remark => Unusable.Total > 0 ? $"{Unusable}; {Usable.Count} of {Usable.Count + Unusable.Total} are used." : null;
}
