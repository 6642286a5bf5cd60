namespace HyperDas;

/// <summary>A mistake in an experiment document.</summary>
/// <param name="File">The document, or <c>-Set</c> for a setting on the command line.</param>
/// <param name="Line">Line, from 1; for <c>-Set</c>, the number of the setting.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Key">Dotted key, e.g. <c>training.epochs</c>; empty for the document as a whole.</param>
/// <param name="Value">The value as written; empty if there is none.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record ExperimentIssue(string File, int Line, int Column, string Key, string Value, string Message)
{
    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{File}({Line},{Column}): {(Key is { Length: > 0 } ? Key + ": " : "")}{Message}");
}
