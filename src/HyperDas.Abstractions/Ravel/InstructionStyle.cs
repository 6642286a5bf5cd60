namespace HyperDas;

/// <summary>How the instruction describes the target attribute.</summary>
public enum InstructionStyle
{
    /// <summary>Only the concept: <c>the country of a city</c>.</summary>
    Concept,

    /// <summary>The original's form, which names both entities: <c>Vienna ; Paris - Country</c>.</summary>
    EntityPair,

    /// <summary>In many people's words, drawn from the domain's descriptions; only the concept if the domain has none.</summary>
    Descriptions,
}
