using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// The training texts: every fact of every entity in every train template, some of them in general frames and in other words, the meanings
/// of those words, and train distractors. Val and test templates don't occur, and neither do val and test descriptions.
/// </summary>
internal sealed class PretrainingCorpus
{
    // There are far fewer words than facts.
    private const int DefinitionsPerWord = 3;

    private readonly PretrainingTextEncoder _encoder;
    private readonly PretrainingOptions _options;
    private readonly List<PretrainingText> _facts = [];
    private readonly List<(RavelDomain Domain, RavelEntity Entity, int Attribute, IReadOnlyList<string> Frames)> _framed = [];
    private readonly List<(RavelDomain Domain, RavelEntity Entity, int Attribute, OtherWords Words)> _worded = [];
    private readonly (string Word, string Meaning)[] _definitions;
    private readonly List<(RavelDomain Domain, string Template, IReadOnlyList<RavelEntity> Entities)> _distractors = [];

    /// <summary>Tokenises the facts.</summary>
    /// <param name="domains">Domains of the benchmark.</param>
    /// <param name="options">Shares of the kinds of text.</param>
    /// <param name="encoder">Creates token ids.</param>
    public PretrainingCorpus(IReadOnlyList<RavelDomain> domains, PretrainingOptions options, PretrainingTextEncoder encoder)
    {
        _encoder = encoder;
        _options = options;
        _definitions = options.WordingsPerFact > 0 ? [.. DefinitionsOf(domains)] : [];
        foreach (RavelDomain domain in domains)
        {
            IReadOnlyDictionary<string, OtherWords> others = OtherWords.For(domain);
            foreach ((RavelEntity entity, RavelTemplate template) in Facts(domain, split => split == RavelSplit.Train))
            {
                _facts.Add(encoder.Encode(template.Text, domain, entity, IndexOf(domain, template.Attribute)));
            }
            for (int attribute = 0; attribute < domain.Attributes.Count; attribute++)
            {
                string name = domain.Attributes[attribute];
                int index = attribute;
                IReadOnlyList<string> frames = GeneralFrames.For(name);
                RavelEntity[] knowing = [.. domain.Entities.Where(e => Knows(e, name))];
                _framed.AddRange(knowing.Select(e => (domain, e, index, frames)));
                if (others.TryGetValue(name, out OtherWords? words))
                {
                    _worded.AddRange(knowing.Select(e => (domain, e, index, words)));
                }
            }
            foreach (RavelDistractor distractor in domain.Distractors.Where(d => d.Split == RavelSplit.Train))
            {
                RavelEntity[] fitting = [.. domain.Entities.Where(e => distractor.Entity is null || e.Name == distractor.Entity)];
                if (fitting.Length > 0)
                {
                    _distractors.Add((domain, distractor.Text, fitting));
                }
            }
        }
    }

    /// <summary>The facts of a domain: entities with a value for the template's attribute.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="wanted">The splits of templates.</param>
    public static IEnumerable<(RavelEntity Entity, RavelTemplate Template)> Facts(RavelDomain domain, Func<RavelSplit, bool> wanted) =>
        from template in domain.Templates
        where wanted(template.Split) && domain.Attributes.Contains(template.Attribute)
        from entity in domain.Entities
        where Knows(entity, template.Attribute)
        select (entity, template);

    /// <summary>
    /// Texts for training the tokenizer: the parts of the corpus, with each entity and value with and without a leading space.
    /// </summary>
    /// <param name="domains">Domains of the benchmark.</param>
    /// <param name="inOtherWords">Whether the corpus also asks for facts in other words.</param>
    public static IEnumerable<string> TokenizerTexts(IReadOnlyList<RavelDomain> domains, bool inOtherWords)
    {
        foreach (string text in inOtherWords ? WordTexts(domains) : [])
        {
            yield return text;
        }
        foreach (RavelDomain domain in domains)
        {
            IEnumerable<string> templates = domain.Templates.Where(t => t.Split == RavelSplit.Train).Select(t => t.Text)
                .Concat(domain.Distractors.Where(d => d.Split == RavelSplit.Train).Select(d => d.Text))
                .Concat(domain.Attributes.SelectMany(GeneralFrames.For));
            foreach (string template in templates)
            {
                yield return template.Replace(PretrainingTextEncoder.Slot, "", StringComparison.Ordinal);
            }
            foreach (RavelEntity entity in domain.Entities)
            {
                foreach (string text in domain.Attributes.Where(a => Knows(entity, a)).Select(a => entity.Values[a]).Prepend(entity.Name))
                {
                    yield return text;
                    yield return " " + text;
                }
            }
        }
    }

    /// <summary>One pass over the facts, with freshly drawn frames and distractors, in no particular order.</summary>
    /// <param name="random">Source of randomness.</param>
    public PretrainingText[] Epoch(SeededRandom random)
    {
        List<PretrainingText> texts = [.. _facts];
        foreach ((RavelDomain domain, RavelEntity entity, int attribute, IReadOnlyList<string> frames) in _framed)
        {
            for (int i = 0; i < _options.FramesPerFact; i++)
            {
                texts.Add(_encoder.Encode(random.Pick(frames), domain, entity, attribute));
            }
        }
        foreach ((RavelDomain domain, RavelEntity entity, int attribute, OtherWords words) in _worded)
        {
            for (int i = 0; i < _options.WordingsPerFact; i++)
            {
                texts.Add(_encoder.Encode(InOtherWords(words, random), domain, entity, attribute));
            }
        }
        foreach ((string word, string meaning) in _definitions)
        {
            for (int i = 0; i < DefinitionsPerWord; i++)
            {
                texts.Add(_encoder.Define(random.Pick(OtherWords.Definitions), word, meaning));
            }
        }
        int distractors = _distractors.Count == 0 ? 0 : (int)(_facts.Count * _options.DistractorShare);
        for (int i = 0; i < distractors; i++)
        {
            (RavelDomain domain, string template, IReadOnlyList<RavelEntity> entities) = random.Pick(_distractors);
            texts.Add(_encoder.Encode(template, domain, random.Pick(entities), attribute: -1));
        }
        return [.. texts];
    }

    // A sentence, or a phrase or word in a frame.
    private static string InOtherWords(OtherWords words, SeededRandom random) => random.Next(3) switch
    {
        0 => random.Pick(words.Sentences),
        1 => OtherWords.Fill(random.Pick(OtherWords.Frames), $"the {random.Pick(words.Words)}"),
        _ => OtherWords.Fill(random.Pick(OtherWords.Frames), random.Pick(words.Phrases)),
    };

    // A word for attributes of two domains has both meanings.
    private static IEnumerable<(string Word, string Meaning)> DefinitionsOf(IReadOnlyList<RavelDomain> domains)
    {
        (string Word, string Meaning)[] own =
        [
            .. from domain in domains
               from attribute in domain.Attributes
               let words = OtherWords.For(domain).GetValueOrDefault(attribute)
               where words is not null
               from word in words.Words
               select (word, attribute.ToLowerInvariant()),
        ];
        return own.Length == 0 ? [] : own.Distinct().Concat(OtherWords.ElsewhereUsed.Select(entry => (entry.Key, entry.Value)));
    }

    private static IEnumerable<string> WordTexts(IReadOnlyList<RavelDomain> domains)
    {
        OtherWords[] all =
            [.. domains.SelectMany(d => d.Attributes.Select(a => OtherWords.For(d).GetValueOrDefault(a)).OfType<OtherWords>())];
        if (all.Length == 0)
        {
            return [];
        }
        IEnumerable<string> prompts = all.SelectMany(words => words.Sentences).Concat(OtherWords.Definitions)
            .Concat(OtherWords.Frames.Select(f => OtherWords.Fill(f, " ")));
        return prompts.Select(prompt => prompt.Replace(PretrainingTextEncoder.Slot, "", StringComparison.Ordinal))
            .Concat(all.SelectMany(words => words.Words.Concat(words.Phrases)).Select(phrase => $" {phrase}"))
            .Concat(DefinitionsOf(domains).SelectMany(entry => (string[])[$" {entry.Word}", $" {entry.Meaning}"]));
    }

    private static int IndexOf(RavelDomain domain, string attribute) => domain.Attributes.ToList().IndexOf(attribute);

    private static bool Knows(RavelEntity entity, string attribute) => entity.Values.TryGetValue(attribute, out string? value)
        && value.Length > 0;
}
