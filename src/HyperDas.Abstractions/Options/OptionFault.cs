namespace HyperDas;

/// <summary>An invalid option of a record.</summary>
/// <param name="Option">Name of the property.</param>
/// <param name="Value">Its value.</param>
/// <param name="Right">What is allowed, in a form that follows "it must be".</param>
public sealed record OptionFault(string Option, object? Value, string Right)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Option} is {Value ?? "null"}; it must be {Right}.");
}
