using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods.Concepts;

/// <summary>Distance of a description from the concepts on which an interpreter was trained.</summary>
/// <param name="Concept">The nearest of them.</param>
/// <param name="Distance">0 to 1; above <see cref="Limit"/> the description is outside. Null if it isn't known.</param>
public sealed record ConceptNearness(ConceptKey Concept, double? Distance)
{
    /// <summary>Largest distance of a description of a known concept.</summary>
    public const double Limit = 0.5;

    /// <summary>Whether the description is of none of the known concepts.</summary>
    public bool IsOutside => Distance > Limit;
}
