namespace HyperDas.Engine.Ravel.Instances;

/// <summary>A template as the samplers use it.</summary>
/// <param name="Text">The prompt with exactly one <c>%s</c>.</param>
/// <param name="Attribute">The attribute it asks for; null for a Wikipedia-style context.</param>
/// <param name="Split">Its split.</param>
/// <param name="Entity">The only entity that it fits, or null.</param>
internal sealed record InstanceTemplate(string Text, string? Attribute, RavelSplit Split, string? Entity)
{
    /// <summary>Its kind as the source for a base template that asks for an attribute.</summary>
    internal SourceKind KindFor(string attribute) =>
        Attribute is null ? SourceKind.Other : Attribute == attribute ? SourceKind.Output : SourceKind.Causal;
}

/// <summary>Kind of a source prompt (docs/methods.md#ravels-instances).</summary>
internal enum SourceKind
{
    /// <summary>A prompt that asks for the base prompt's attribute.</summary>
    Output,

    /// <summary>A prompt that asks for another attribute.</summary>
    Causal,

    /// <summary>A Wikipedia-style context.</summary>
    Other,
}
