using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Gives each example of a dataset a description of its attribute, or of something that its domain doesn't have. Attributes without
/// descriptions keep the benchmark's instruction.
/// </summary>
public sealed class ConceptWording
{
    // Sentences, search boxes and headings begin differently; an interpreter must not depend on it.
    private const double LowerShare = 0.1, SentenceShare = 0.15, UpperShare = 0.05;
    private const int LeastLetters = 4;

    // What isn't meant is named briefly.
    private const int MostWordsBeside = 6;

    private readonly Dictionary<(string Domain, string Attribute, RavelSplit Split), string[]> _known;
    private readonly Dictionary<(string Domain, RavelSplit Split), string[]> _absent;
    private readonly Dictionary<string, string[]> _ofOtherDomains;
    private readonly Dictionary<(string Domain, string Attribute), string[]> _beside;

    /// <summary>Creates a wording from the descriptions of domains.</summary>
    /// <param name="domains">The domains.</param>
    public ConceptWording(IEnumerable<RavelDomain> domains)
    {
        ILookup<bool, (string Domain, RavelDescription Description)> all = domains
            .SelectMany(domain => domain.Descriptions.Select(description => (domain.Name, description)))
            .ToLookup(pair => pair.description.Attribute is null);
        _known = all[false].GroupBy(pair => (pair.Domain, pair.Description.Attribute!, pair.Description.Split))
            .ToDictionary(group => group.Key, group => group.Select(pair => pair.Description.Text).ToArray());
        _absent = all[true].GroupBy(pair => (pair.Domain, pair.Description.Split))
            .ToDictionary(group => group.Key, group => group.Select(pair => pair.Description.Text).ToArray());
        _ofOtherDomains = all[false].GroupBy(pair => pair.Domain).ToDictionary(own => own.Key, own => Foreign(own.Key, all[false]));
        _beside = _known.Keys.Select(key => (key.Domain, key.Attribute)).Distinct().ToDictionary(key => key, Beside);
    }

    /// <summary>A remark about missing descriptions; null when none is missing.</summary>
    /// <param name="domains">The domains of a dataset.</param>
    public static string? Shortcoming(IEnumerable<RavelDomain> domains)
    {
        string[] missing =
        [
            .. domains
                .Select(d => (d.Name, Attributes: Undescribed(d), d.Attributes.Count))
                .Where(d => d.Attributes.Length > 0)
                .Select(d => d.Attributes.Length == d.Count ? d.Name : $"{string.Join(" and ", d.Attributes)} of {d.Name}"),
        ];
        return missing.Length == 0
            ? null
            : $"Descriptions are missing for {string.Join(", ", missing)}: "
                + "the interpreter will know one sentence for each attribute and rarely understand others. "
                + $"Provide them in a file {RavelDescriptionReader.FileNames("<domain>")[0]} beside the domain's other files.";
    }

    // "The country", written for a city, may also mean a laureate's; "the country of a city" may not.
    private static string[] Foreign(string domain, IEnumerable<(string Domain, RavelDescription Description)> known)
    {
        HashSet<string> own =
            [.. known.Where(pair => pair.Domain == domain).SelectMany(pair => Words(pair.Description.Text)), .. Words(domain)];
        return
        [
            .. known.Where(pair => pair.Domain != domain && pair.Description.Split == RavelSplit.Train)
                .Select(pair => pair.Description.Text).Where(text => Words(text).Any(word => !own.Contains(word))),
        ];
    }

    // Brief descriptions of a domain's other attributes.
    private string[] Beside((string Domain, string Attribute) concept) =>
    [
        .. _known.Where(pair => pair.Key.Split == RavelSplit.Train)
            .Where(pair => pair.Key.Domain == concept.Domain && pair.Key.Attribute != concept.Attribute)
            .SelectMany(pair => pair.Value).Where(text => text.Split(' ').Length <= MostWordsBeside),
    ];

    // Short words distinguish domains by chance only.
    private static IEnumerable<string> Words(string text) =>
        new string([.. text.Select(letter => char.IsLetter(letter) ? char.ToLowerInvariant(letter) : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => word.Length >= LeastLetters);

    private static string[] Undescribed(RavelDomain domain) =>
        [.. domain.Attributes.Except(domain.Descriptions.Select(description => description.Attribute)).OfType<string>()];

    /// <summary>
    /// Describes a whole dataset: varied descriptions in training; in validation and test, each pair with a trained, an unseen and an
    /// absent description.
    /// </summary>
    /// <param name="dataset">A dataset with the benchmark's instructions; its seed determines the descriptions.</param>
    /// <param name="absentShare">Fraction of the isolate training examples that describe something absent, 0 to 1.</param>
    /// <param name="otherDomainShare">Fraction of these that describe an attribute of another domain, 0 to 1.</param>
    /// <param name="openingShare">Fraction of all training examples whose description is surrounded by other words, 0 to 1.</param>
    public RavelDataset Describe(
        RavelDataset dataset, double absentShare, double otherDomainShare = 0, double openingShare = 0) => dataset with
    {
        Train = Train(dataset.Train, absentShare, otherDomainShare, openingShare, new SeededRandom(dataset.Seed, "wording/train")),
        Val = Fixed(dataset.Val, RavelSplit.Val, dataset.Seed),
        Test = Fixed(dataset.Test, RavelSplit.Test, dataset.Seed),
    };

    /// <summary>Describes training examples, with varied case.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="absentShare">As for <see cref="Describe"/>.</param>
    /// <param name="otherDomainShare">As for <see cref="Describe"/>.</param>
    /// <param name="openingShare">As for <see cref="Describe"/>.</param>
    /// <param name="random">Source of randomness.</param>
    internal RavelExample[] Train(
        IReadOnlyList<RavelExample> examples, double absentShare, double otherDomainShare, double openingShare, SeededRandom random) =>
    [
        .. examples.Select(example =>
        {
            // Always drawn, so that the share doesn't change the words of other examples.
            bool absent = random.NextDouble() < absentShare && example.Kind == RavelExampleKind.Isolate;
            bool foreign = absent && otherDomainShare > 0 && random.NextDouble() < otherDomainShare;
            RavelExample named = (foreign ? OfOtherDomain(example, random) : null)
                ?? (absent ? Absent(example, RavelSplit.Train, random) : null)
                ?? Known(example, RavelSplit.Train, random) ?? example;
            bool opened = openingShare > 0 && random.NextDouble() < openingShare;
            return named with
            {
                Instruction = Varied(opened ? Opened(named, random) : named.Instruction, random),
            };
        }),
    ];

    private string Opened(RavelExample example, SeededRandom random) => DescriptionOpenings.Around(
        example.Instruction, _beside.GetValueOrDefault((example.Domain, example.Attribute), []), random);

    private RavelExample[] Fixed(IReadOnlyList<RavelExample> examples, RavelSplit split, long seed)
    {
        SeededRandom trained = Random(RavelWording.Trained), unseen = Random(RavelWording.Unseen), absent = Random(RavelWording.Absent);
        return
        [
            .. examples.Select(example => Known(example, RavelSplit.Train, trained) ?? example),
            .. examples.Select(example => Known(example, split, unseen)).OfType<RavelExample>()
                .Select(example => example with { Wording = RavelWording.Unseen }),
            .. examples.Select(example => Absent(example, split, absent)).OfType<RavelExample>(),
        ];

        SeededRandom Random(RavelWording wording) => new(seed, $"wording/{split}/{wording}");
    }

    private RavelExample? Known(RavelExample example, RavelSplit split, SeededRandom random) =>
        _known.TryGetValue((example.Domain, example.Attribute, split), out string[]? texts)
            ? example with { Instruction = random.Pick(texts), Wording = RavelWording.Trained }
            : null;

    private RavelExample? Absent(RavelExample example, RavelSplit split, SeededRandom random) =>
        _absent.TryGetValue((example.Domain, split), out string[]? texts)
            ? example with { Instruction = random.Pick(texts), Wording = RavelWording.Absent }
            : null;

    private RavelExample? OfOtherDomain(RavelExample example, SeededRandom random) =>
        _ofOtherDomains.TryGetValue(example.Domain, out string[]? texts) && texts.Length > 0
            ? example with { Instruction = random.Pick(texts), Wording = RavelWording.Absent }
            : null;

    private static string Varied(string text, SeededRandom random) => random.NextDouble() switch
    {
        < LowerShare => text.ToLowerInvariant(),
        < LowerShare + SentenceShare => char.ToUpperInvariant(text[0]) + text[1..],
        < LowerShare + SentenceShare + UpperShare => text.ToUpperInvariant(),
        _ => text,
    };
}
