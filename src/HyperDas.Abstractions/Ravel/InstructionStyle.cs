namespace HyperDas;

/// <summary>How the target attribute is put into words for the interpreter.</summary>
public enum InstructionStyle
{
    /// <summary>The concept alone: <c>the country of a city</c>.</summary>
    Concept,

    /// <summary>The original's form, which names both entities: <c>Vienna ; Paris - Country</c>.</summary>
    EntityPair,

    /// <summary>In many people's words, drawn from the domain's descriptions; the concept alone where it has none.</summary>
    Descriptions,
}
