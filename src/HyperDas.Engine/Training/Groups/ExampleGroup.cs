using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training.Groups;

/// <summary>
/// A group of training examples: those that change an attribute, those that must leave it unchanged, or a domain's examples with absent
/// descriptions.
/// </summary>
/// <param name="Domain">Domain; empty if the examples don't specify it.</param>
/// <param name="Attribute">The attribute; null for absent descriptions.</param>
/// <param name="IsCause">Whether the answer must change.</param>
internal readonly record struct ExampleGroup(string Domain, string? Attribute, bool IsCause)
{
    /// <summary>The group of an example.</summary>
    /// <param name="example">The example.</param>
    public static ExampleGroup Of(TokenizedExample example) => new(
        example.Concept?.Domain ?? "", example.IsAbsent ? null : example.Concept?.Attribute ?? "", example.IsCause);

    /// <summary>The display name, e.g. <c>city Country cause</c>.</summary>
    public override string ToString() => string.Join(
        ' ',
        ((string[])[Domain, Attribute ?? "absent", IsCause ? "cause" : Attribute is null ? "" : "isolate"]).Where(part => part.Length > 0));
}
