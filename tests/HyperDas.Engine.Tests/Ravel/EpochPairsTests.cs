using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class EpochPairsTests
{
    private static readonly Tokenizer s_tokenizer = TinyTokenizer.Build([]);
    private static readonly RavelBuildOptions s_options =
        new() { TrainPerAttribute = 16, ValPerAttribute = 0, TestPerAttribute = 2, Seed = 7 };

    [Fact]
    public void An_epoch_has_as_many_of_each_kind_as_the_dataset_has_rows()
    {
        RavelDataset dataset = Build();

        ILookup<ConceptKey, TokenizedExample> drawn = Pairs(dataset).Draw(1).ToLookup(e => e.Concept!);

        Assert.Equal(3, drawn.Count);
        Assert.All(drawn, concept => Assert.Equal((8, 8), (concept.Count(e => e.IsCause), concept.Count(e => !e.IsCause))));
    }

    [Fact]
    public void Epochs_differ_and_each_can_be_drawn_again_by_itself()
    {
        RavelDataset dataset = Build();
        EpochPairs pairs = Pairs(dataset);
        string[] second = Shown(pairs.Draw(2));

        Assert.NotEqual(second, Shown(pairs.Draw(3)));
        Assert.Equal(second, Shown(Pairs(dataset).Draw(2)));
        Assert.NotEqual(second, Shown(Pairs(dataset, seed: 2).Draw(2)));
    }

    [Fact]
    public void Only_known_facts_are_drawn()
    {
        // The model knows nothing about Lyon.
        RavelDataset dataset = Build(knows: fact => !fact.Prompt.Contains("Lyon"));
        string[] known = [.. dataset.Pool!.KnownFacts.Select(f => f.Entity).Distinct()];

        string[] bases =
        [
            .. Enumerable.Range(1, 5).SelectMany(epoch => Pairs(dataset).Draw(epoch))
                .Select(e => s_tokenizer.Decode(e.BaseIds[1..(e.BaseEntityIndex + 1)]))
        ];

        Assert.DoesNotContain("Lyon", known);
        Assert.DoesNotContain(bases, text => text.Contains("Lyon"));
        Assert.Contains(bases, text => text.Contains("Graz"));
    }

    [Fact]
    public void Words_are_drawn_anew_too_and_some_describe_what_is_not_there()
    {
        RavelDataset dataset = Build(
            s_options with { InstructionStyle = InstructionStyle.Descriptions, AbsentShare = 0.5, OpeningShare = 0 },
            RavelDescriptionReaderTests.Read());

        TokenizedExample[] drawn = [.. Enumerable.Range(1, 6).SelectMany(epoch => Pairs(dataset).Draw(epoch))];
        string[] Words(bool cause) =>
        [
            .. drawn.Where(e => e.IsCause == cause && e.Concept!.Attribute == "Country")
                .Select(e => s_tokenizer.Decode(e.InstructionIds[1..]).ToLowerInvariant().Trim()).Distinct().Order()
        ];

        Assert.Equal(["nation", "the country of a town"], Words(cause: true));
        Assert.Equal(["a shoe size", "nation", "the country of a town"], Words(cause: false));
    }

    [Fact]
    public void Without_words_the_pairs_are_the_same()
    {
        RavelDataset dataset = Build(
            s_options with { InstructionStyle = InstructionStyle.Descriptions }, RavelDescriptionReaderTests.Read());

        IReadOnlyList<TokenizedExample> plain = new EpochPairs(
            dataset.Pool!, dataset.Train, new RavelCollator(s_tokenizer), seed: 1, described: false).Draw(2);

        Assert.Equal(Shown(Pairs(dataset).Draw(2)), Shown(plain));
        Assert.All(plain, example => Assert.False(example.IsAbsent));
        Assert.Contains(Pairs(dataset).Draw(2), example => example.IsAbsent);
    }

    [Fact]
    public void Where_there_are_too_few_pairs_rows_of_the_dataset_fill_the_epoch()
    {
        // Two towns are known in one template each: one pair in either direction.
        RavelDataset dataset = Build(s_options with { Attributes = ["Country"], TrainPerAttribute = 4 });
        RavelPairPool poor = dataset.Pool! with { KnownFacts = dataset.Pool!.KnownFacts.Take(1).ToHashSet() };

        IReadOnlyList<TokenizedExample> drawn = new EpochPairs(poor, dataset.Train, new RavelCollator(s_tokenizer), seed: 1).Draw(1);

        Assert.Equal(dataset.Train.Count, drawn.Count);
        Assert.All(drawn, e => Assert.True(e.LabelLength > 0));
    }

    [Fact]
    public void A_dataset_says_how_many_pairs_there_are_as_counting_them_one_by_one_does()
    {
        RavelDataset dataset = Build(s_options with { Attributes = ["Country", "Language"] });
        RavelDomain domain = dataset.Pool!.Domains[0];
        long counted = 0;
        foreach (RavelTemplate template in domain.Templates.Where(
            t => t.Split == RavelSplit.Train && domain.Attributes.Contains(t.Attribute)))
        {
            foreach (string target in dataset.Attributes)
            {
                RavelEntity[] known = [.. domain.Entities.Where(e => dataset.Pool.KnownFacts.Contains(("town", e.Name, template.Text)))];
                IEnumerable<RavelEntity> sources = template.Attribute == target
                    ? known
                    : domain.Entities.Where(e => e.Values[template.Attribute].Length > 0);
                counted += known.Sum(b => sources.Count(
                    s => !PairSampler.SameValue(b.Values[template.Attribute], s.Values[template.Attribute])));
            }
        }

        Assert.True(counted > 0);
        Assert.Equal(counted, dataset.PairCount);
        Assert.Contains($"of {counted} pairs", dataset.ToString());
    }

    [Fact]
    public void A_dataset_from_a_file_has_its_rows_only()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "town.jsonl");
        RavelDatasetFile.Write(Build(), path);

        RavelDataset read = RavelDatasetFile.Read(path);

        Assert.Equal((0, null), (read.PairCount, read.Pool));
        Assert.DoesNotContain("pairs", read.ToString());
    }

    private static string[] Shown(IReadOnlyList<TokenizedExample> examples) =>
        [.. examples.Select(e => string.Join(' ', e.BaseIds.Concat(e.SourceIds)))];

    private static EpochPairs Pairs(RavelDataset dataset, long seed = 1) =>
        new(dataset.Pool!, dataset.Train, new RavelCollator(s_tokenizer), seed);

    private static RavelDataset Build(RavelBuildOptions? options = null, RavelDomain? domain = null, Func<Fact, bool>? knows = null) =>
        RavelDatasetBuilder.Build([domain ?? MiniRavel.Read()], s_tokenizer, new FactFilter(new FakeOracle(knows)), options ?? s_options);
}
