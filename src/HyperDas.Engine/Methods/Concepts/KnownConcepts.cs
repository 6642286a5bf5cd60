using System.Collections.Concurrent;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Concepts;

/// <summary>
/// The concepts on which an interpreter was trained, in their training descriptions, and the distance of other descriptions from them, by
/// their words and by the target model's representation of them (docs/methods.md#how-near-a-description-is).
/// </summary>
public sealed class KnownConcepts
{
    private readonly ConcurrentDictionary<string, ConceptNearness> _asked = new(StringComparer.Ordinal);
    private readonly Lazy<DescriptionFeatures> _words;

    /// <summary>Creates known concepts from those of domains.</summary>
    /// <param name="domains">At least one.</param>
    /// <param name="classifier">Distinguishes them from other things; null if there are too few descriptions to fit it.</param>
    /// <param name="limit">Score above which a description is outside.</param>
    internal KnownConcepts(IReadOnlyList<DomainConcepts> domains, ConceptClassifier? classifier = null, double limit = 0)
    {
        (Domains, Classifier, Limit) = (domains, classifier, limit);
        _words = new(() => new DescriptionFeatures([.. Concepts.SelectMany(Descriptions)]));
    }

    /// <summary>The concepts, domain by domain.</summary>
    public IReadOnlyList<ConceptKey> Concepts => ConceptsOf(Domains);

    internal IReadOnlyList<DomainConcepts> Domains { get; }

    internal ConceptClassifier? Classifier { get; }

    internal double Limit { get; }

    /// <summary>A concept's descriptions, the plainest first.</summary>
    /// <param name="concept">One of <see cref="Concepts"/>.</param>
    public IReadOnlyList<string> Descriptions(ConceptKey concept) =>
        Domains.First(d => d.Domain == concept.Domain).Attributes[concept.Attribute];

    /// <summary>Determines the nearest concept of a description.</summary>
    /// <param name="text">The user's description, not empty.</param>
    /// <param name="target">The interpreter's target model.</param>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>.</exception>
    public ConceptNearness Near(string text, LanguageModel target) => _asked.GetOrAdd(text, Judge, target);

    internal static IReadOnlyList<ConceptKey> ConceptsOf(IEnumerable<DomainConcepts> domains) =>
        [.. domains.SelectMany(domain => domain.Attributes.Keys.Select(attribute => new ConceptKey(domain.Domain, attribute)))];

    private ConceptNearness Judge(string text, LanguageModel target)
    {
        if (Classifier is null)
        {
            return new ConceptNearness(NearestByWords(text), null);
        }
        using DisposeScope scope = NewDisposeScope();
        (int concept, double score) = Classifier.Judge(text, DefinitionStates.Of(target, [text]).data<float>().ToArray());
        return new ConceptNearness(Classifier.Concepts[concept], 1 / (1 + Math.Exp(Limit - score)));
    }

    private ConceptKey NearestByWords(string text)
    {
        Dictionary<int, double> own = _words.Value.Of(text).ToDictionary(f => f.Index, f => f.Value);
        return Concepts.MaxBy(concept => Descriptions(concept).Max(
            known => _words.Value.Of(known).Sum(f => f.Value * own.GetValueOrDefault(f.Index))))!;
    }
}
