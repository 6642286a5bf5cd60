using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class RavelDatasetBuilderTests
{
    private static readonly Tokenizer s_tokenizer = TinyTokenizer.Build([]);
    private static readonly RavelDomain s_domain = MiniRavel.Read();
    private static readonly RavelBuildOptions s_options =
        new() { TrainPerAttribute = 40, ValPerAttribute = 20, TestPerAttribute = 10, Seed = 7 };

    [Fact]
    public void Each_attribute_has_as_many_cause_as_isolate_examples()
    {
        RavelDataset dataset = Build();

        Assert.Equal((120, 60, 30), (dataset.Train.Count, dataset.Val.Count, dataset.Test.Count));
        Assert.All(dataset.Train.GroupBy(example => (example.Attribute, example.Kind)), group => Assert.Equal(20, group.Count()));
        Assert.Equal(["Country", "Language", "Altitude"], dataset.Attributes);
    }

    [Fact]
    public void Isolate_examples_ask_for_the_other_attributes_evenly()
    {
        IEnumerable<RavelExample> isolate = Build().Train.Where(
            example => example is { Kind: RavelExampleKind.Isolate, Attribute: "Country" });

        Assert.Equal([("Altitude", 10), ("Language", 10)],
            isolate.CountBy(example => example.AskedAttribute).Select(count => (count.Key, count.Value)).Order());
    }

    [Fact]
    public void The_answer_is_the_sources_value_for_cause_and_the_bases_own_for_isolate()
    {
        Assert.All(Build().Train, example =>
        {
            string owner = example.Kind == RavelExampleKind.Cause ? example.SourceEntity : example.BaseEntity;
            Assert.Equal(Town(owner).Values[example.AskedAttribute], example.Label);
            Assert.NotEqual(example.BaseValue, example.SourceValue);
            Assert.Equal(example.Kind == RavelExampleKind.Cause, example.Attribute == example.AskedAttribute);
        });
    }

    [Fact]
    public void Prompts_come_from_the_templates_of_their_split()
    {
        RavelDataset dataset = Build();

        foreach (RavelSplit split in Enum.GetValues<RavelSplit>())
        {
            string word = split.ToString().ToLowerInvariant();
            Assert.All(dataset.Split(split), example =>
            {
                Assert.Contains(word, example.BasePrompt);
                Assert.True(
                    example.SourcePrompt.Contains(word) || example.SourcePrompt == "They left Paris in spring", example.SourcePrompt);
            });
        }
    }

    [Fact]
    public void Sources_are_any_attributes_prompts_and_distractors_in_equal_shares()
    {
        RavelDataset dataset = Build(s_options with { TrainPerAttribute = 100 });

        int distractors = dataset.Train.Count(
            example => example.SourceSuffix.Length == 0 || example.SourcePrompt.StartsWith("They", StringComparison.Ordinal));
        Assert.InRange(distractors, 300 / 4 - 30, 300 / 4 + 30);
        Assert.All(dataset.Train.Where(example => example.SourcePrompt == "They left Paris in spring"), example => Assert.Equal(
            "Paris", example.SourceEntity));
    }

    [Fact]
    public void Prefixes_end_with_the_entity_even_if_its_name_occurs_again()
    {
        RavelDomain domain = MiniRavel.Read(files =>
        {
            files["prompts"]["Country"]!.AsArray().Add("train: not Vienna but %s, not Vienna, is in");
            files["promptSplit"]["train: not Vienna but %s, not Vienna, is in"] = "train";
        });

        IEnumerable<RavelExample> tricky = Build(domain: domain).Train.Where(example => example.BaseTemplate.Contains("not Vienna"));

        Assert.NotEmpty(tricky);
        Assert.All(tricky, example => Assert.Equal(
            (", not Vienna, is in", $"train: not Vienna but {example.BaseEntity}"), (example.BaseSuffix, example.BasePrefix)));
    }

    [Fact]
    public void No_example_occurs_twice_in_a_split()
    {
        Assert.Distinct(Build().Train.Select(example => (example.BasePrompt, example.SourcePrompt, example.Attribute)));
    }

    [Fact]
    public void Entities_without_a_value_are_not_asked_for_it()
    {
        Assert.DoesNotContain(Build().Train, example => example.AskedAttribute == "Language" && (example.BaseEntity == "rome"
            || example.SourceEntity == "rome"));
    }

    [Fact]
    public void A_cause_example_needs_both_facts_and_an_isolate_example_only_the_bases()
    {
        // In this model's head, Paris has a country only in the first template of a split.
        RavelDataset dataset = Build(knows: fact => !fact.Prompt.Contains("Paris\"") || !fact.Prompt.Contains("Country"));

        Assert.DoesNotContain(
            dataset.Train, example => example.Kind == RavelExampleKind.Cause && example.BaseTemplate.Contains("train Country")
            && (example.BaseEntity == "Paris" || example.SourceEntity == "Paris"));
        Assert.Contains(dataset.Train, example => example.Kind == RavelExampleKind.Isolate && example.BaseTemplate.Contains("train Country")
            && example.SourceEntity == "Paris");
    }

    [Fact]
    public void Values_that_differ_by_a_plural_s_are_the_same()
    {
        Assert.True(PairSampler.SameValue("non-living thing", "Non-living things"));
        Assert.False(PairSampler.SameValue("m", "mm"));
        Assert.False(PairSampler.SameValue("1", "10"));
    }

    [Fact]
    public void Entities_can_be_held_out_with_the_templates()
    {
        RavelDataset dataset = Build(
            s_options with { EntitySplit = RavelEntitySplit.Same, TrainPerAttribute = 8, ValPerAttribute = 0, TestPerAttribute = 0 });

        Assert.All(dataset.Train, example => Assert.Equal(RavelSplit.Train, Town(example.BaseEntity).Split));
        Assert.All(dataset.Train, example => Assert.Equal(RavelSplit.Train, Town(example.SourceEntity).Split));
    }

    [Fact]
    public void Target_attributes_can_be_chosen_and_the_others_still_serve_to_isolate()
    {
        RavelDataset dataset = Build(s_options with { Attributes = ["Language"], InstructionStyle = InstructionStyle.Concept });

        Assert.Equal(["Language"], dataset.Attributes);
        Assert.All(dataset.Train, example => Assert.Equal("the language of a town", example.Instruction));
        Assert.Contains(dataset.Train, example => example.AskedAttribute == "Altitude");
    }

    [Fact]
    public void Instructions_can_have_the_originals_form()
    {
        RavelDataset dataset = Build(s_options with { InstructionStyle = InstructionStyle.EntityPair });

        Assert.All(dataset.Train, example => Assert.Equal(
            $"{example.BaseEntity} ; {example.SourceEntity} - {example.Attribute}", example.Instruction));
    }

    [Fact]
    public void The_same_seed_gives_the_same_examples_and_another_seed_others()
    {
        Assert.Equal(Build().Train, Build().Train);
        Assert.NotEqual(Build().Train, Build(s_options with { Seed = 8 }).Train);
    }

    [Fact]
    public void A_larger_validation_set_changes_nothing_about_training()
    {
        Assert.Equal(Build().Train, Build(s_options with { ValPerAttribute = 30 }).Train);
    }

    [Fact]
    public void Prompts_over_the_length_limit_are_left_out_and_counted()
    {
        // The shortest template has 28 tokens of one byte each, the longest far more.
        RavelDataset dataset = Build(s_options with { MaxTokens = 45 });
        RavelCollator collator = new(s_tokenizer, new RavelCollatorOptions { MaxTokens = 45 });

        Assert.All(dataset.Train, example => Assert.True(collator.Fits(collator.Tokenize(example))));
        Assert.True(dataset.Counts.SkippedTooLong > 0);
        Assert.Equal(0, Build().Counts.SkippedTooLong);
    }

    [Fact]
    public void Known_and_unknown_facts_are_counted()
    {
        RavelBuildCounts counts = Build(knows: fact => !fact.Prompt.Contains("Lyon")).Counts;

        Assert.True(counts.KnownFacts > 0);
        Assert.InRange(counts.UnknownFacts, 1, 18);
    }

    [Fact]
    public void A_request_beyond_what_exists_is_refused_and_not_tried_for_ever()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Build(s_options with { TrainPerAttribute = 1_000_000 }));

        Assert.Equal("DatasetImpossible", error.ErrorId);
        Assert.Contains("of 500000 cause examples", error.Message);
    }

    [Fact]
    public void A_model_that_knows_nothing_of_an_attribute_is_named_with_what_it_knows()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Build(knows: fact => !fact.Prompt.Contains("Language")));

        Assert.Equal("DatasetImpossible", error.ErrorId);
        Assert.Contains("Language: the target model knows 0 of", error.Message);
    }

    [Fact]
    public void What_one_attribute_cannot_isolate_the_others_do()
    {
        RavelDataset dataset = Build(s_options with { Attributes = ["Country"] }, knows: fact => !fact.Prompt.Contains("Language"));

        Assert.All(dataset.Train.Where(example => example.Kind == RavelExampleKind.Isolate), example => Assert.Equal(
            "Altitude", example.AskedAttribute));
        Assert.Equal(20, dataset.Train.Count(example => example.Kind == RavelExampleKind.Isolate));
    }

    [Fact]
    public void An_attribute_with_one_value_only_cannot_be_a_target()
    {
        RavelDomain domain = MiniRavel.Read(files =>
        {
            foreach (string town in MiniRavel.Towns)
            {
                files["facts"][town]!["Country"] = "Europe";
            }
        });

        HyperDasException error = Assert.Throws<HyperDasException>(() => Build(domain: domain));

        Assert.Equal("DatasetImpossible", error.ErrorId);
        Assert.Contains("fewer than two different values", error.Message);
    }

    [Fact]
    public void An_unknown_attribute_is_refused_with_the_names_of_those_that_exist()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Build(s_options with { Attributes = ["Continent"] }));

        Assert.Equal("AttributeNotFound", error.ErrorId);
        Assert.Contains("Country, Language, Altitude", error.Message);
    }

    [Fact]
    public void Impossible_options_are_refused()
    {
        RavelBuildOptions[] wrong =
        [
            s_options with { MaxTokens = 1 },
            s_options with { ValPerAttribute = -1 },
            s_options with { TrainPerAttribute = 1, ValPerAttribute = 0, TestPerAttribute = 0 },
        ];

        Assert.All(wrong, options => Assert.Equal("DatasetOptionsInvalid", Assert.Throws<HyperDasException>(() => Build(options)).ErrorId));
    }

    [Fact]
    public void Several_domains_make_one_dataset()
    {
        RavelDataset dataset = RavelDatasetBuilder.Build(
            [s_domain, s_domain with { Name = "village" }], s_tokenizer, new FactFilter(new FakeOracle()), s_options);

        Assert.Equal("town+village", dataset.Name);
        Assert.Equal(120, dataset.Train.Count(example => example.Domain == "village"));
    }

    [Fact]
    public void Building_can_be_cancelled_and_tells_how_far_it_is()
    {
        Assert.Throws<OperationCanceledException>(() => RavelDatasetBuilder.Build(
            [s_domain], s_tokenizer, new FactFilter(new FakeOracle()), s_options, null, new CancellationToken(canceled: true)));
        ProgressLog log = new();
        RavelDatasetBuilder.Build([s_domain], s_tokenizer, new FactFilter(new FakeOracle()), s_options, log);
        Assert.Equal((210L, 210L), (log.Last!.Completed, log.Last.Total));
    }

    private static RavelDataset Build(RavelBuildOptions? options = null, Func<Fact, bool>? knows = null, RavelDomain? domain = null) =>
        RavelDatasetBuilder.Build([domain ?? s_domain], s_tokenizer, new FactFilter(new FakeOracle(knows)), options ?? s_options);

    private static RavelEntity Town(string name) => s_domain.Entities.Single(entity => entity.Name == name);

    private sealed class ProgressLog : IProgress<WorkProgress>
    {
        internal WorkProgress? Last { get; private set; }

        public void Report(WorkProgress value) => Last = value;
    }
}
