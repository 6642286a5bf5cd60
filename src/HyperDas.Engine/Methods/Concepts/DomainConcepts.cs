namespace HyperDas.Engine.Methods.Concepts;

/// <summary>
/// The concepts of one domain in their training descriptions, and its descriptions of things that the domain doesn't have.
/// </summary>
/// <param name="Domain">The domain, e.g. <c>city</c>.</param>
/// <param name="Attributes">Descriptions by attribute, at least one each.</param>
/// <param name="Absent">Descriptions of things that the domain doesn't have; may be empty.</param>
internal sealed record DomainConcepts(
    string Domain, IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes, IReadOnlyList<string> Absent)
{
    /// <summary>Whether all descriptions are the same, in the same order.</summary>
    /// <param name="other">A domain's concepts.</param>
    public bool SaysTheSameAs(DomainConcepts other) =>
        Domain == other.Domain && Absent.SequenceEqual(other.Absent) && Attributes.Count == other.Attributes.Count
        && Attributes.Zip(other.Attributes).All(a => a.First.Key == a.Second.Key && a.First.Value.SequenceEqual(a.Second.Value));
}
