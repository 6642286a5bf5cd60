using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods.Fixed;

/// <summary>The concepts that an interpreter has learned separately, with a lookup by a user's words.</summary>
public sealed class ConceptTable
{
    private readonly Dictionary<ConceptKey, int> _indices;

    /// <summary>Creates a table.</summary>
    /// <param name="concepts">The concepts, without duplicates.</param>
    public ConceptTable(IReadOnlyList<ConceptKey> concepts)
    {
        Concepts = [.. concepts];
        _indices = Concepts.Select((concept, i) => (concept, i)).ToDictionary(c => c.concept, c => c.i);
    }

    /// <summary>The concepts in order.</summary>
    public IReadOnlyList<ConceptKey> Concepts { get; }

    /// <summary>Index of a concept in <see cref="Concepts"/>.</summary>
    /// <param name="concept">A key, or null for an example without one.</param>
    /// <exception cref="HyperDasException"><c>ConceptUnknown</c>.</exception>
    public int IndexOf(ConceptKey? concept) =>
        concept is not null && _indices.TryGetValue(concept, out int index) ? index : throw Unknown(concept?.ToString() ?? "");

    /// <summary>Finds a concept by its description (<c>the country of a city</c>) or the attribute's name, ignoring case.</summary>
    /// <param name="text">The user's words.</param>
    /// <exception cref="HyperDasException"><c>ConceptUnknown</c>; <c>ConceptAmbiguous</c>: several domains have
    /// such an attribute.</exception>
    public ConceptKey Resolve(string text)
    {
        string wanted = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        ConceptKey[] found = [.. Concepts.Where(c => Same(c.ToString()))];
        if (found.Length == 0)
        {
            found = [.. Concepts.Where(c => Same(c.Attribute))];
        }
        return found.Length switch
        {
            1 => found[0],
            0 => throw Unknown(text),
            _ => throw new HyperDasException(
                "ConceptAmbiguous", HyperDasErrorKind.InvalidArgument, $"'{text}' may mean {List(found)}; specify one of them.", text),
        };

        bool Same(string name) => string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase);
    }

    private HyperDasException Unknown(string text) => new(
        "ConceptUnknown",
        HyperDasErrorKind.NotFound,
        $"This interpreter hasn't learned the concept '{text}'; it knows {List(Concepts)}.",
        text);

    private static string List(IReadOnlyList<ConceptKey> concepts) => string.Join(", ", concepts.Select(c => $"'{c}'"));
}
