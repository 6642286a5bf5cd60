using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods.Concepts;

/// <summary>How near a description is to the concepts that an interpreter was trained on.</summary>
/// <param name="Concept">The nearest of them.</param>
/// <param name="Distance">0 to 1; above <see cref="Limit"/> the description is outside. Null where that can't be told.</param>
public sealed record ConceptNearness(ConceptKey Concept, double? Distance)
{
    /// <summary>Distance up to which a description counts as one of a known concept.</summary>
    public const double Limit = 0.5;

    /// <summary>Whether the description is none of a known concept.</summary>
    public bool IsOutside => Distance > Limit;
}
