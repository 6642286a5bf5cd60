using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Builds cause and isolate examples from the benchmark (docs/methods.md#pairs-as-hyperdas-draws-them): equal numbers of both for each
/// target attribute, the isolate examples distributed over the other attributes, no example twice in a split.
/// </summary>
public sealed class RavelDatasetBuilder
{
    // Drawing continues while at least one draw in this many gives a new example, which guarantees termination.
    private const int LeastYield = 100;
    private const int PatientDraws = 5000;
    private const int SmallestRound = 64;
    private const int LargestRound = 2048;

    private readonly FactFilter _facts;
    private readonly RavelBuildOptions _options;
    private readonly RavelCollator _collator;
    private readonly IProgress<WorkProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private long _wanted;
    private long _made;
    private int _tooLong;
    private int _withoutLabel;

    private RavelDatasetBuilder(
        Tokenizer tokenizer, FactFilter facts, RavelBuildOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        _facts = facts;
        _options = options;
        _collator = new RavelCollator(tokenizer, new RavelCollatorOptions { MaxTokens = options.MaxTokens });
        _progress = progress;
        _cancellation = cancellation;
    }

    /// <summary>Builds a dataset.</summary>
    /// <param name="domains">Domains of the benchmark.</param>
    /// <param name="tokenizer">The target model's tokenizer, which determines which examples are short enough.</param>
    /// <param name="facts">The facts that the target model knows; more are tested as needed.</param>
    /// <param name="options">Content of the dataset.</param>
    /// <param name="progress">Receives the number of examples built.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="HyperDasException"><c>AttributeNotFound</c>, <c>DatasetImpossible</c> or <c>DatasetOptionsInvalid</c>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static RavelDataset Build(
        IReadOnlyList<RavelDomain> domains,
        Tokenizer tokenizer,
        FactFilter facts,
        RavelBuildOptions options,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        DatasetOptionCheck.ThrowIfInvalid(domains, options);
        RavelDataset dataset = new RavelDatasetBuilder(tokenizer, facts, options, progress, cancellationToken).Build(domains);
        if (dataset.Train.Count > 0)
        {
            dataset = dataset with { Pool = PairPools.Of(domains, facts, options, progress, cancellationToken) };
        }
        return options.InstructionStyle == InstructionStyle.Descriptions
            ? new ConceptWording(domains).Describe(dataset, options.AbsentShare, options.OtherDomainShare, options.OpeningShare)
            : dataset;
    }

    private RavelDataset Build(IReadOnlyList<RavelDomain> domains)
    {
        _wanted = domains.Sum(domain => (long)Targets(
            domain).Count) * Enum.GetValues<RavelSplit>().Sum(split => (long)_options.PerAttribute(split) / 2 * 2);
        Dictionary<RavelSplit, RavelExample[]> examples = Enum.GetValues<RavelSplit>()
            .ToDictionary(split => split, split => BuildSplit(domains, split));
        IReadOnlyList<FactCount> counts = _facts.Counts;
        return new RavelDataset(
            string.Join("+", domains.Select(domain => domain.Name)),
            [.. domains.Select(domain => domain.Name)],
            [.. domains.SelectMany(Targets).Distinct()],
            examples[RavelSplit.Train],
            examples[RavelSplit.Val],
            examples[RavelSplit.Test],
            _options.Seed,
            new RavelBuildCounts(
                counts.Sum(count => count.Known), counts.Sum(count => count.Tested - count.Known), _tooLong, _withoutLabel))
        { MaxTokens = _options.MaxTokens };
    }

    private IReadOnlyList<string> Targets(RavelDomain domain) =>
        [.. domain.Attributes.Where(attribute => _options.Attributes is null || _options.Attributes.Contains(attribute))];

    private RavelExample[] BuildSplit(IReadOnlyList<RavelDomain> domains, RavelSplit split)
    {
        int half = _options.PerAttribute(split) / 2;
        if (half == 0)
        {
            return [];
        }
        List<RavelExample> examples = [];
        foreach (RavelDomain domain in domains)
        {
            PairSampler sampler = new(domain, split, _options.EntitySplit, _options.InstructionStyle);
            HashSet<(string, string, string)> seen = [];
            foreach (string target in Targets(domain))
            {
                examples.AddRange(Cause(domain, sampler, split, target, half, seen));
                examples.AddRange(Isolate(domain, sampler, split, target, half, seen));
            }
        }
        RavelExample[] mixed = [.. examples];
        new SeededRandom(_options.Seed, $"order/{split}").Shuffle<RavelExample>(mixed);
        return mixed;
    }

    private List<RavelExample> Cause(
        RavelDomain domain, PairSampler sampler, RavelSplit split, string target, int count, HashSet<(string, string, string)> seen)
    {
        if (sampler.Obstacle(target) is string obstacle)
        {
            throw Impossible(domain, split, target, $"{obstacle} in this split");
        }
        List<RavelExample> made = Draw(domain, sampler, split, target, target, attempt: 0, count, seen);
        return made.Count == count ? made : throw Impossible(
            domain, split, target, $"only {made.Count} of {count} cause examples were found. {Knowledge(domain, target)}");
    }

    private List<RavelExample> Isolate(
        RavelDomain domain, PairSampler sampler, RavelSplit split, string target, int count, HashSet<(string, string, string)> seen)
    {
        List<string> others = [.. domain.Attributes.Where(attribute => attribute != target && sampler.Obstacle(attribute) is null)];
        List<RavelExample> made = [];
        // The share that one attribute can't supply is distributed over the others.
        for (int attempt = 0; made.Count < count && others.Count > 0; attempt++)
        {
            int missing = count - made.Count;
            int asked = others.Count;
            List<string> able = [];
            for (int i = 0; i < asked; i++)
            {
                int share = (missing / asked) + (i < missing % asked ? 1 : 0);
                List<RavelExample> part = Draw(domain, sampler, split, target, others[i], attempt, share, seen);
                made.AddRange(part);
                if (part.Count == share)
                {
                    able.Add(others[i]);
                }
            }
            others = able;
        }
        return made.Count == count
            ? made
            : throw Impossible(
                domain, split, target,
                $"only {made.Count} of {count} isolate examples, which ask for other attributes, were found. "
                + string.Join(
                    " ", domain.Attributes.Where(attribute => attribute != target).Select(attribute => Knowledge(domain, attribute))));
    }

    private List<RavelExample> Draw(
        RavelDomain domain, PairSampler sampler, RavelSplit split, string target, string asked, int attempt, int count,
        HashSet<(string, string, string)> seen)
    {
        SeededRandom random = new(_options.Seed, $"{domain.Name}/{split}/{target}/{asked}/{attempt}");
        List<RavelExample> made = [];
        for (int draws = 0; made.Count < count && (draws < PatientDraws || made.Count >= draws / LeastYield);)
        {
            _cancellation.ThrowIfCancellationRequested();
            int round = Math.Clamp((count - made.Count) / 4 * 5, SmallestRound, LargestRound);
            PairSampler.Candidate[] drawn =
                [.. Enumerable.Range(0, round).Select(_ => sampler.Draw(target, asked, random)).OfType<PairSampler.Candidate>()];
            draws += round;
            _facts.Check(domain, drawn.SelectMany(candidate => candidate.Facts), cancellationToken: _cancellation);
            foreach (PairSampler.Candidate candidate in drawn)
            {
                (string, string, string) key = (candidate.Example.BasePrompt, candidate.Example.SourcePrompt, target);
                if (made.Count < count && !seen.Contains(key)
                    && candidate.Facts.All(fact => _facts.Knows(domain, fact.Entity, fact.Template)) && Fits(candidate.Example))
                {
                    seen.Add(key);
                    made.Add(candidate.Example);
                }
            }
            _progress?.Report(new WorkProgress(
                "Building a dataset",
                $"{100 * (_made + made.Count) / _wanted} %: {domain.Name}, {split.ToString().ToLowerInvariant()}, {target}",
                _made + made.Count,
                _wanted));
        }
        _made += made.Count;
        return made;
    }

    private bool Fits(RavelExample example)
    {
        TokenizedExample tokens = _collator.Tokenize(example);
        bool fits = _collator.Fits(tokens);
        _tooLong += fits ? 0 : 1;
        _withoutLabel += tokens.LabelLength == 0 ? 1 : 0;
        return fits && tokens.LabelLength > 0;
    }

    private string Knowledge(RavelDomain domain, string attribute) =>
        _facts.Counts.FirstOrDefault(count => count.Domain == domain.Name && count.Attribute == attribute) is FactCount known
            ? $"{attribute}: the target model knows {known.Known} of {known.Tested} facts."
            : $"{attribute}: no fact could be tested.";

    private HyperDasException Impossible(RavelDomain domain, RavelSplit split, string attribute, string why) => new(
        "DatasetImpossible", HyperDasErrorKind.InvalidArgument,
        $"The examples for '{attribute}' of {domain.Name} ({split.ToString().ToLowerInvariant()}) can't be built: {why} "
        + (_tooLong > 0 ? $"{_tooLong} candidates were longer than {_options.MaxTokens} tokens. " : "")
        + "Use fewer examples, other attributes, or a target model that knows more.", attribute);
}
