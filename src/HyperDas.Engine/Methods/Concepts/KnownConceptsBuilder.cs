using System.Runtime.CompilerServices;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Concepts;

/// <summary>
/// Collects the concepts of a dataset and learns to distinguish them from other things: from training descriptions and
/// <see cref="Elsewhere"/>; descriptions of the validation split determine the limit. Test descriptions aren't used.
/// </summary>
internal static class KnownConceptsBuilder
{
    // An instruction that names the two entities differs in every row: it isn't a description.
    private const int MostDescriptions = 500;
    // More improve the distance hardly, but the interpreter's file grows with them, and the memory to fit it with their square.
    private const int MostOfConcept = 170, MostAbsent = 450;
    // With fewer, the wording of a concept can't be learned; with fewer held-out ones, neither can its limit.
    private const int FewestDescriptions = 4, FewestHeldOut = 4;
    // How far validation descriptions, of which there are few, may move the limit from even odds.
    private const double MostShift = 1;

    // What was learned last with a target: the runs of a sweep have the same words.
    private static readonly ConditionalWeakTable<LanguageModel, Lesson> s_last = [];

    /// <summary>The concepts of a dataset; null if it has no descriptions.</summary>
    /// <param name="dataset">The dataset on which an interpreter is trained.</param>
    /// <param name="target">The interpreter's target model.</param>
    /// <param name="reads">False: the target isn't run, and the nearest concept is determined by words alone, without a distance.</param>
    /// <param name="before">The known concepts so far, of which those of the dataset's domains are replaced unless their descriptions are
    /// the same. Null: none.</param>
    /// <param name="progress">Receives the number of descriptions read; null: nothing does.</param>
    /// <param name="cancellation">Checked often.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static KnownConcepts? Of(
        RavelDataset dataset, LanguageModel target, bool reads = true, KnownConcepts? before = null,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        WordedDomain[] worded = [.. Worded(dataset)];
        DomainConcepts[] domains =
        [
            .. (before?.Domains ?? []).Where(d => !worded.Any(own => own.Concepts.Domain == d.Domain)), .. worded.Select(d => d.Concepts),
        ];
        return domains.Length == 0 ? null
            // An interpreter that goes on with the same words has learned them; reading them all again takes longer than a short training.
            : worded.Length == 0
                || (before?.Classifier is not null && worded.All(d => before.Domains.Any(d.Concepts.SaysTheSameAs))) ? before
            : reads && domains.SelectMany(d => d.Attributes.Values).Any(texts => texts.Count >= FewestDescriptions)
                ? Learned(domains, worded, target, progress, cancellation)
                : new KnownConcepts(domains);
    }

    /// <summary>The descriptions of known concepts with their classes; one that two concepts share belongs to the first.</summary>
    /// <param name="domains">The domains.</param>
    internal static IReadOnlyList<(string Text, int Class)> KnownRows(IReadOnlyList<DomainConcepts> domains) =>
    [
        .. KnownConcepts.ConceptsOf(domains)
            .SelectMany((c, i) => domains.First(d => d.Domain == c.Domain).Attributes[c.Attribute].Select(text => (text, i + 1)))
            .DistinctBy(row => row.text, StringComparer.OrdinalIgnoreCase),
    ];

    private static IEnumerable<WordedDomain> Worded(RavelDataset dataset)
    {
        foreach (string domain in dataset.Train.Select(row => row.Domain).Distinct().Order(StringComparer.Ordinal))
        {
            ILookup<(string? Attribute, bool IsHeldOut), string> texts = Texts(dataset, domain);
            Dictionary<string, IReadOnlyList<string>> attributes = [];
            foreach (string attribute in dataset.Train.Where(row => row.Domain == domain).Select(row => row.Attribute).Distinct()
                .Order(StringComparer.Ordinal))
            {
                string[] own = [.. texts[(attribute, false)]];
                if (own.Length is > 0 and <= MostDescriptions)
                {
                    attributes[attribute] = Spread(own, MostOfConcept);
                }
            }
            if (attributes.Count > 0)
            {
                yield return new WordedDomain(
                    new DomainConcepts(domain, attributes, Spread([.. texts[(null, false)]], MostAbsent)),
                    [.. attributes.Keys.SelectMany(attribute => texts[(attribute, true)])], [.. texts[(null, true)]]);
            }
        }
    }

    // At most so many of them, evenly from first to last.
    private static string[] Spread(string[] texts, int most) =>
        texts.Length <= most ? texts : [.. Enumerable.Range(0, most).Select(i => texts[i * texts.Length / most])];

    // The domain's files if they are known, since rows needn't contain all of them; otherwise the rows. Case is ignored.
    private static ILookup<(string? Attribute, bool IsHeldOut), string> Texts(RavelDataset dataset, string domain)
    {
        RavelDescription[] own = dataset.Pool?.Options.InstructionStyle != InstructionStyle.Descriptions
            ? []
            : [.. dataset.Pool!.Domains.Where(d => d.Name == domain).SelectMany(d => d.Descriptions)];
        IEnumerable<(string? Attribute, bool IsHeldOut, string Text)> all = own.Length > 0
            ? own.Where(d => d.Split != RavelSplit.Test).Select(d => (d.Attribute, d.Split == RavelSplit.Val, d.Text))
            : Rows(dataset.Train, false).Concat(Rows(dataset.Val.Where(row => row.Wording != RavelWording.Trained), true));
        IEnumerable<(string? Attribute, bool IsHeldOut, string Text)> undescribed = own.Length == 0 ? [] : dataset.Train
            .Where(row => row.Domain == domain && !own.Any(d => d.Attribute == row.Attribute))
            .Select(row => ((string?)row.Attribute, false, RavelInstruction.Concept(domain, row.Attribute)));
        return all.Concat(undescribed).DistinctBy(d => (d.Attribute, d.IsHeldOut, d.Text.ToLowerInvariant()))
            .ToLookup(d => (d.Attribute, d.IsHeldOut), d => d.Text);

        IEnumerable<(string?, bool, string)> Rows(IEnumerable<RavelExample> rows, bool heldOut) => rows.Where(row => row.Domain == domain)
            .Select(row => (row.Wording == RavelWording.Absent ? null : row.Attribute, heldOut, row.Instruction));
    }

    private static KnownConcepts Learned(
        DomainConcepts[] domains, WordedDomain[] worded, LanguageModel target, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        if (s_last.TryGetValue(target, out Lesson? last) && last.IsOf(domains, worded))
        {
            return last.Known;
        }
        KnownConcepts known = Read(domains, worded, target, progress, cancellation);
        s_last.AddOrUpdate(target, new Lesson(domains, worded, known));
        return known;
    }

    private static KnownConcepts Read(
        DomainConcepts[] domains, WordedDomain[] worded, LanguageModel target, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<(string Text, int Class)> known = KnownRows(domains);
        HashSet<string> taken = new(known.Select(row => row.Text), StringComparer.OrdinalIgnoreCase);
        string[] absent = [.. domains.SelectMany(d => d.Absent).Concat(Elsewhere.Texts).Where(taken.Add)];
        string[] heldOut = [.. worded.SelectMany(d => d.Known.Concat(d.Absent)).Distinct(StringComparer.OrdinalIgnoreCase)];
        string[] texts = [.. known.Select(row => row.Text).Concat(absent).Concat(heldOut).Distinct(StringComparer.OrdinalIgnoreCase)];
        Tensor states = DefinitionStates.Of(
            target, texts,
            done => progress?.Report(new WorkProgress("Reading descriptions", $"{done} of {texts.Length}", done, texts.Length)),
            cancellation);
        float[] values = states.data<float>().ToArray();
        int width = (int)states.shape[1];
        IReadOnlyList<ConceptKey> concepts = KnownConcepts.ConceptsOf(domains);
        Dictionary<string, int> row = texts.Index().ToDictionary(t => t.Item, t => t.Index, StringComparer.OrdinalIgnoreCase);

        // A thing that one domain lacks may be in another: an interpreter of both knows it.
        HashSet<string> ofOthers = new(StringComparer.OrdinalIgnoreCase);
        if (domains.Length > 1)
        {
            HashSet<string> sure = new(
                absent.Where(text => domains.All(d => d.Absent.Contains(text)) || !domains.Any(d => d.Absent.Contains(text))),
                StringComparer.OrdinalIgnoreCase);
            ConceptClassifier first = Fit(sure);
            ofOthers.UnionWith(domains.SelectMany(d => d.Absent.Select(text => (d.Domain, Text: text)))
                .Concat(worded.SelectMany(d => d.Absent.Select(text => (d.Concepts.Domain, Text: text))))
                .Where(d => !sure.Contains(d.Text) && IsOfOther(first, d.Text, d.Domain)).Select(d => d.Text));
        }
        ConceptClassifier classifier = Fit([.. absent.Where(text => !ofOthers.Contains(text))]);
        double[] inside = [.. worded.SelectMany(d => d.Known).Select(text => Judge(classifier, text).Score)];
        double[] outside =
        [
            .. worded.SelectMany(d => d.Absent).Distinct(StringComparer.OrdinalIgnoreCase).Where(text => !ofOthers.Contains(text))
                .Select(text => Judge(classifier, text).Score),
        ];
        return new KnownConcepts(domains, classifier, inside.Length >= FewestHeldOut && outside.Length >= FewestHeldOut
            ? Math.Clamp(Limit(inside, outside), -MostShift, MostShift) : 0);

        ConceptClassifier Fit(IReadOnlyCollection<string> others)
        {
            (string Text, int Class)[] rows = [.. known, .. others.Select(text => (text, 0))];
            return ConceptClassifier.Fit(
                concepts, rows, states.index_select(0, tensor(rows.Select(r => (long)row[r.Text]).ToArray())), cancellation);
        }

        (int Concept, double Score) Judge(ConceptClassifier by, string text) => by.Judge(text, values.AsSpan(row[text] * width, width));

        bool IsOfOther(ConceptClassifier by, string text, string domain)
        {
            (int concept, double score) = Judge(by, text);
            return score < 0 && concepts[concept].Domain != domain;
        }
    }

    // Where the two overlap least; in the middle of the gap if they don't, or if several positions are equally good.
    private static double Limit(double[] known, double[] absent)
    {
        double[] places = [.. known.Concat(absent).Where(double.IsFinite).Order()];
        double[] candidates = [.. places.Zip(places.Skip(1), (low, high) => (low + high) / 2)];
        double least = candidates.Min(Cost);
        return candidates.Where(place => Cost(place) == least).Average();

        double Cost(double place) => ((double)known.Count(score => score > place) / known.Length)
            + ((double)absent.Count(score => score <= place) / absent.Length);
    }

    /// <summary>A domain with descriptions.</summary>
    /// <param name="Concepts">Its training descriptions.</param>
    /// <param name="Known">Validation descriptions of its concepts.</param>
    /// <param name="Absent">Validation descriptions of things that it doesn't have.</param>
    private sealed record WordedDomain(DomainConcepts Concepts, string[] Known, string[] Absent)
    {
        public bool SaysTheSameAs(WordedDomain other) =>
            Concepts.SaysTheSameAs(other.Concepts) && Known.SequenceEqual(other.Known) && Absent.SequenceEqual(other.Absent);
    }

    private sealed record Lesson(DomainConcepts[] Domains, WordedDomain[] Worded, KnownConcepts Known)
    {
        // Also in the same order, which numbers the classes.
        public bool IsOf(DomainConcepts[] domains, WordedDomain[] worded) =>
            Domains.Length == domains.Length && Domains.Zip(domains).All(d => d.First.SaysTheSameAs(d.Second))
            && Worded.Length == worded.Length && Worded.Zip(worded).All(d => d.First.SaysTheSameAs(d.Second));
    }
}
