namespace HyperDas.Engine.Ravel;

/// <summary>The concept of an example, for methods that learn each concept separately instead of reading its description.</summary>
/// <param name="Domain">Domain, e.g. <c>city</c>.</param>
/// <param name="Attribute">The target attribute as the benchmark spells it, e.g. <c>Country</c>.</param>
public sealed record ConceptKey(string Domain, string Attribute)
{
    /// <inheritdoc/>
    public override string ToString() => RavelInstruction.Concept(Domain, Attribute);
}
