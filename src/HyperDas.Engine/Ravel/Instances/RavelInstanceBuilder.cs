using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Ravel.Instances;

/// <summary>
/// Builds an instance of the benchmark for one target model (docs/methods.md#ravels-instances): labels are the model's own words, and
/// validation and test consist of a context part and an entity part. Each drawn pair gives an example for every target attribute: a cause
/// example for the attribute that its base prompt asks for, isolate examples for all others.
/// </summary>
public sealed class RavelInstanceBuilder
{
    private readonly RavelInstanceOptions _options;
    private readonly RavelCollator _collator;
    private readonly CancellationToken _cancellation;
    private int _tooLong;
    private int _withoutLabel;

    private RavelInstanceBuilder(Tokenizer tokenizer, RavelInstanceOptions options, CancellationToken cancellation)
    {
        _options = options;
        _collator = new RavelCollator(tokenizer, new RavelCollatorOptions { MaxTokens = options.MaxTokens });
        _cancellation = cancellation;
    }

    /// <summary>Builds a dataset. Target attributes for which no pair remains aren't among its attributes.</summary>
    /// <param name="domains">Domains of the benchmark.</param>
    /// <param name="tokenizer">The target model's tokenizer, which determines which examples are short enough.</param>
    /// <param name="model">Completes the prompts.</param>
    /// <param name="options">Content of the dataset.</param>
    /// <param name="progress">Receives the number of completed prompts.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="HyperDasException">
    /// <c>AttributeNotFound</c>, <c>DatasetImpossible</c>, <c>DatasetOptionsInvalid</c>;
    /// <c>TimeZoneNotFound</c>: a gold value is no time zone.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static RavelDataset Build(
        IReadOnlyList<RavelDomain> domains,
        Tokenizer tokenizer,
        ICompletionSource model,
        RavelInstanceOptions options,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        DatasetOptionCheck.ThrowIfInvalid(domains, options);
        InstanceKnowledge[] known =
            [.. domains.Select(domain => InstanceKnowledge.Ask(domain, model, options, progress, cancellationToken))];
        RavelDataset dataset = new RavelInstanceBuilder(tokenizer, options, cancellationToken).Build(domains, known);
        return options.InstructionStyle == InstructionStyle.Descriptions
            ? new ConceptWording(domains).Describe(dataset, options.AbsentShare, options.OtherDomainShare, options.OpeningShare)
            : dataset;
    }

    private RavelDataset Build(IReadOnlyList<RavelDomain> domains, InstanceKnowledge[] known)
    {
        List<RavelExample> train = [], val = [], test = [];
        for (int i = 0; i < domains.Count; i++)
        {
            RavelDomain domain = domains[i];
            InstanceSampler sampler = new(domain.Name, known[i], _options);
            train.AddRange(Examples(
                domain, known[i], RavelSplit.Train, RavelHeldOut.Unspecified, () => domain.Attributes.SelectMany(sampler.Train)));
            val.AddRange(Examples(domain, known[i], RavelSplit.Val, RavelHeldOut.Context, () => sampler.Context(RavelSplit.Val)));
            val.AddRange(Examples(domain, known[i], RavelSplit.Val, RavelHeldOut.Entity, () => sampler.Entity(RavelSplit.Val)));
            test.AddRange(Examples(domain, known[i], RavelSplit.Test, RavelHeldOut.Context, () => sampler.Context(RavelSplit.Test)));
            test.AddRange(Examples(domain, known[i], RavelSplit.Test, RavelHeldOut.Entity, () => sampler.Entity(RavelSplit.Test)));
        }
        HashSet<(string, string)> made =
        [
            .. train.Concat(val).Concat(test).Where(example => example.Kind == RavelExampleKind.Cause)
                .Select(example => (example.Domain, example.Attribute)),
        ];
        if (made.Count == 0)
        {
            throw new HyperDasException(
                "DatasetImpossible", HyperDasErrorKind.InvalidArgument,
                $"No pair of {string.Join(", ", domains.Select(domain => domain.Name))} passes the filter: the target model knows {known.Sum(k => k.KnownFacts)} of "
                + $"{known.Sum(k => k.KnownFacts + k.UnknownFacts)} facts, and a pair needs two different answers of one plain word each. "
                + "Use another domain or a target model that knows more.", _options);
        }
        // An attribute that can't be changed can't be isolated either: without cause examples it isn't a target.
        foreach (List<RavelExample> split in (List<RavelExample>[])[train, val, test])
        {
            split.RemoveAll(example => !made.Contains((example.Domain, example.Attribute)));
        }
        RavelExample[] mixed = [.. train];
        new SeededRandom(_options.Seed, "instance/order").Shuffle<RavelExample>(mixed);
        return new RavelDataset(
            string.Join("+", domains.Select(domain => domain.Name)),
            [.. domains.Select(domain => domain.Name)],
            [.. domains.SelectMany(domain => Targets(domain).Where(target => made.Contains((domain.Name, target)))).Distinct()],
            mixed, val, test, _options.Seed,
            new RavelBuildCounts(
                known.Sum(k => k.KnownFacts), known.Sum(k => k.UnknownFacts), _tooLong + known.Sum(k => k.TooLong), _withoutLabel))
        { MaxTokens = _options.MaxTokens };
    }

    private IEnumerable<string> Targets(RavelDomain domain) =>
        domain.Attributes.Where(attribute => _options.Attributes is null || _options.Attributes.Contains(attribute));

    private IEnumerable<RavelExample> Examples(
        RavelDomain domain, InstanceKnowledge known, RavelSplit split, RavelHeldOut heldOut, Func<IEnumerable<InstanceDraw>> draw)
    {
        int half = _options.PerAttribute(split) / 2;
        if (half == 0)
        {
            yield break;
        }
        ExampleWriter writer = new(domain, known, heldOut, _options.InstructionStyle);
        Dictionary<string, Dictionary<string, List<InstanceDraw>>> draws = [];
        foreach (InstanceDraw pair in draw())
        {
            _cancellation.ThrowIfCancellationRequested();
            if (writer.Write(pair, pair.BaseTemplate.Attribute!) is RavelExample example && Fits(example))
            {
                Dictionary<string, List<InstanceDraw>> ofAttribute = GetOrAdd(draws, pair.BaseTemplate.Attribute!);
                GetOrAdd(ofAttribute, pair.BaseTemplate.Text).Add(pair);
            }
        }
        foreach (string target in Targets(domain))
        {
            string use = $"instance/{domain.Name}/{split}/{heldOut}/{target}";
            IEnumerable<InstanceDraw> cause = Mixed(draws.GetValueOrDefault(target), $"{use}/cause").Take(half);
            IEnumerable<InstanceDraw> isolate = Alternating([
                .. domain.Attributes.Where(other => other != target)
                    .Select(other => Mixed(draws.GetValueOrDefault(other), $"{use}/isolate/{other}")),
            ]).Take(half);
            foreach (InstanceDraw pair in cause.Concat(isolate))
            {
                yield return writer.Write(pair, target)!;
            }
        }
    }

    /// <summary>An attribute's pairs in random order with alternating templates: any prefix of the sequence has all of them.</summary>
    private IEnumerable<InstanceDraw> Mixed(Dictionary<string, List<InstanceDraw>>? byTemplate, string use)
    {
        SeededRandom random = new(_options.Seed, use);
        return Alternating([
            .. (byTemplate ?? []).Values.Select(list =>
            {
                InstanceDraw[] order = [.. list];
                random.Shuffle<InstanceDraw>(order);
                return order;
            }),
        ]);
    }

    private static IEnumerable<InstanceDraw> Alternating(IReadOnlyList<IEnumerable<InstanceDraw>> lists)
    {
        List<IEnumerator<InstanceDraw>> open = [.. lists.Select(list => list.GetEnumerator())];
        while (open.Count > 0)
        {
            for (int i = 0; i < open.Count;)
            {
                if (open[i].MoveNext())
                {
                    yield return open[i++].Current;
                }
                else
                {
                    open.RemoveAt(i);
                }
            }
        }
    }

    private bool Fits(RavelExample example)
    {
        TokenizedExample tokens = _collator.Tokenize(example);
        bool fits = _collator.Fits(tokens);
        _tooLong += fits ? 0 : 1;
        _withoutLabel += tokens.LabelLength == 0 ? 1 : 0;
        return fits && tokens.LabelLength > 0;
    }

    private static TValue GetOrAdd<TValue>(Dictionary<string, TValue> dictionary, string key) where TValue : new()
    {
        if (!dictionary.TryGetValue(key, out TValue? value))
        {
            dictionary[key] = value = new TValue();
        }
        return value;
    }
}
