namespace HyperDas.Engine.Methods.Concepts;

/// <summary>
/// The concepts of one domain in their training descriptions, and its descriptions of things that the domain doesn't have.
/// </summary>
/// <param name="Domain">The domain, e.g. <c>city</c>.</param>
/// <param name="Attributes">Descriptions by attribute, at least one each.</param>
/// <param name="Absent">Descriptions of things that the domain doesn't have; may be empty.</param>
internal sealed record DomainConcepts(
    string Domain, IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes, IReadOnlyList<string> Absent);
