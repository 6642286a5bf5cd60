using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training.Groups;

/// <summary>Training examples that stand or fall together: those that change one attribute, those that must leave it alone, and of a
/// domain those that describe what isn't there.</summary>
/// <param name="Domain">Domain; empty where the examples don't say theirs.</param>
/// <param name="Attribute">The attribute; null for what isn't there.</param>
/// <param name="IsCause">Whether the answer must change.</param>
internal readonly record struct ExampleGroup(string Domain, string? Attribute, bool IsCause)
{
    /// <summary>The group of an example.</summary>
    /// <param name="example">The example.</param>
    public static ExampleGroup Of(TokenizedExample example) => new(
        example.Concept?.Domain ?? "", example.IsAbsent ? null : example.Concept?.Attribute ?? "", example.IsCause);

    /// <summary>The name for people, e.g. <c>city Country cause</c>.</summary>
    public override string ToString() => string.Join(
        ' ',
        ((string[])[Domain, Attribute ?? "absent", IsCause ? "cause" : Attribute is null ? "" : "isolate"]).Where(part => part.Length > 0));
}
