using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Instances;
using HyperDas.Engine.Tests.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel.Instances;

public sealed class RavelInstanceBuilderTests
{
    private static readonly RavelInstanceOptions s_options = new() { TrainDraws = 500, TestDraws = 64, Seed = 5 };
    private static readonly RavelDataset s_planets = Build();

    [Fact]
    public void Context_examples_have_training_entities_in_held_out_templates()
    {
        RavelExample[] context = [.. s_planets.Test.Where(example => example.HeldOut == RavelHeldOut.Context)];

        Assert.NotEmpty(context);
        Assert.All(context, example => Assert.Equal(
            (RavelSplit.Train, RavelSplit.Train), (SplitOf(example.BaseEntity), SplitOf(example.SourceEntity))));
        Assert.All(context, example => Assert.StartsWith("Test", example.BaseTemplate));
        Assert.All(context, example => Assert.StartsWith("Test", example.SourceTemplate));
    }

    [Fact]
    public void Entity_examples_have_held_out_entities_in_training_templates()
    {
        RavelExample[] entity = [.. s_planets.Val.Where(example => example.HeldOut == RavelHeldOut.Entity)];

        Assert.NotEmpty(entity);
        Assert.All(entity, example => Assert.Equal(
            (RavelSplit.Val, RavelSplit.Val), (SplitOf(example.BaseEntity), SplitOf(example.SourceEntity))));
        Assert.All(entity, example => Assert.StartsWith("Train", example.BaseTemplate));
    }

    [Fact]
    public void Training_holds_nothing_out_and_has_training_templates_and_entities()
    {
        Assert.NotEmpty(s_planets.Train);
        Assert.All(s_planets.Train, example => Assert.Equal(RavelHeldOut.Unspecified, example.HeldOut));
        Assert.All(s_planets.Train, example => Assert.Equal(
            (RavelSplit.Train, RavelSplit.Train), (SplitOf(example.BaseEntity), SplitOf(example.SourceEntity))));
        Assert.All(s_planets.Train, example => Assert.StartsWith("Train", example.BaseTemplate));
    }

    [Fact]
    public void Sources_ask_for_the_same_attribute_for_another_or_for_nothing()
    {
        RavelExample[] cause =
            [.. s_planets.Test.Where(example => example.Kind == RavelExampleKind.Cause && example.Attribute == "Colour")];

        Assert.Contains(cause, example => example.SourceTemplate.Contains("Colour", StringComparison.Ordinal));
        Assert.Contains(cause, example => example.SourceTemplate.Contains("Moons", StringComparison.Ordinal));
        Assert.Contains(cause, example => example.SourceTemplate.Contains("flew", StringComparison.Ordinal));
    }

    [Fact]
    public void A_context_of_one_entity_is_filled_with_no_other()
    {
        Assert.Contains(s_planets.Train, example => example.SourceTemplate == "They never saw %s");
        Assert.All(s_planets.Train.Where(example => example.SourceTemplate == "They never saw %s"), example => Assert.Equal(
            Planets.Name(0), example.SourceEntity));
    }

    [Fact]
    public void A_pair_is_cause_for_what_it_asks_and_isolate_for_all_else()
    {
        ILookup<(string, string, string), RavelExample> byPair = s_planets.Test.ToLookup(
            example => (example.BasePrompt, example.SourcePrompt, example.HeldOut.ToString()));

        Assert.All(byPair, pair =>
        {
            Assert.Equal(["Colour", "Moons", "Size"], pair.Select(example => example.Attribute).Distinct().Order());
            Assert.All(pair, example => Assert.Equal(example.Attribute == example.AskedAttribute, example.Kind == RavelExampleKind.Cause));
        });
    }

    [Fact]
    public void Labels_are_the_models_own_words_and_gold_values_stay_beside_them()
    {
        RavelExample example = s_planets.Train.First(example => example is { Attribute: "Colour", Kind: RavelExampleKind.Cause });

        Assert.Equal(" " + example.SourceGoldValue, example.Label);
        Assert.Equal(example.SourceGoldValue, example.GoldLabel);
        Assert.True(example.ValuesAreVerbatim);
        Assert.NotEqual(example.BaseValue, example.SourceValue);
    }

    [Fact]
    public void A_verbatim_label_follows_the_prompt_letter_by_letter()
    {
        RavelExample example = s_planets.Train.First(
            example => example.BaseTemplate.EndsWith(':')) with { SourceValue = "+9", BaseValue = "-5" };
        TokenizedExample tokens = new RavelCollator(TinyTokenizer.Build([])).Tokenize(example with { Kind = RavelExampleKind.Cause });

        Assert.Equal([(int)'+', '9'], tokens.BaseIds[tokens.PromptLength..]);
    }

    [Fact]
    public void Only_the_entities_and_templates_that_the_model_knows_best_are_kept()
    {
        FakeCompletions model = Planets.Model(prompt => prompt.Contains("(", StringComparison.Ordinal)
            || prompt.Contains(Planets.Name(3), StringComparison.Ordinal) ? " nonsense. It" : null);

        RavelDataset dataset = Build(model, s_options with { EntityLimit = Planets.Count - 1, TemplateLimit = 3 });

        RavelExample[] all = [.. dataset.Train, .. dataset.Val, .. dataset.Test];
        Assert.DoesNotContain(all, example => example.BaseEntity == Planets.Name(3) || example.SourceEntity == Planets.Name(3));
        Assert.DoesNotContain(all, example => example.BaseTemplate.Contains('(', StringComparison.Ordinal));
        Assert.Equal(3 * 3 * (Planets.Count - 1), dataset.Counts.KnownFacts);
        Assert.Equal((3 * 6 * Planets.Count) - dataset.Counts.KnownFacts, dataset.Counts.UnknownFacts);
    }

    [Fact]
    public void A_template_that_the_wikipedia_file_repeats_serves_training_but_no_test()
    {
        string train = "Train: the Colour of %s is", test = "Test: the Colour of %s is";
        RavelDomain domain = Planets.Domain with
        {
            RepeatedTemplates = [new RavelDistractor(train, null, RavelSplit.Train), new RavelDistractor(test, null, RavelSplit.Train)],
        };

        RavelDataset dataset = RavelInstanceBuilder.Build(
            [domain], TinyTokenizer.Build([]), Planets.Model(), s_options with { MaxTokens = 200 });

        Assert.Contains(dataset.Train, example => example.BaseTemplate == train);
        Assert.DoesNotContain(dataset.Test, example => example.BaseTemplate == train || example.BaseTemplate == test);
        Assert.Contains(dataset.Train, example => example.SourceTemplate == test);
    }

    [Fact]
    public void A_number_of_examples_is_an_upper_limit_that_templates_and_attributes_share()
    {
        RavelDataset dataset = Build(options: s_options with { TrainPerAttribute = 40, ValPerAttribute = 0, TestPerAttribute = 20 });

        Assert.Empty(dataset.Val);
        Assert.Equal(3 * 40, dataset.Train.Count);
        Assert.Equal(3 * 2 * 20, dataset.Test.Count);
        RavelExample[] colours = [.. dataset.Test.Where(example => example is { Attribute: "Colour", HeldOut: RavelHeldOut.Context })];
        Assert.Equal(10, colours.Count(example => example.Kind == RavelExampleKind.Cause));
        Assert.Equal([5, 5], colours.Where(example => example.Kind == RavelExampleKind.Isolate).CountBy(example => example.AskedAttribute)
            .Select(count => count.Value));
        Assert.Equal([5, 5], colours.Where(example => example.Kind == RavelExampleKind.Cause).CountBy(example => example.BaseTemplate)
            .Select(count => count.Value));
    }

    [Fact]
    public void An_attribute_without_one_word_answers_is_left_out_and_the_dataset_says_so()
    {
        RavelDataset dataset = Build(
            Planets.Model(prompt => prompt.Contains("Size", StringComparison.Ordinal) ? " rather large. It" : null));

        Assert.Equal(["Colour", "Moons"], dataset.Attributes);
        Assert.DoesNotContain(dataset.Train, example => example.AskedAttribute == "Size");
    }

    [Fact]
    public void Rare_answers_are_drawn_as_sources_more_often_than_their_share()
    {
        // All but one planet have the same colour; weights of 1/(20 + count) lift the odd one above 1 in 8.
        RavelDataset dataset = Build(
            Planets.Model(prompt => prompt.Contains("Colour", StringComparison.Ordinal)
                ? prompt.Contains(Planets.Name(0), StringComparison.Ordinal) ? " pink. It" : " black. It"
                : null),
            s_options with { TestDraws = 2000 });

        RavelExample[] cause =
        [
            .. dataset.Test.Where(
                example => example is { Attribute: "Colour", Kind: RavelExampleKind.Cause, HeldOut: RavelHeldOut.Context })
        ];

        Assert.All(cause, example => Assert.NotEqual(example.BaseEntity == Planets.Name(0), example.SourceEntity == Planets.Name(0)));
        // Seven bases keep pink sources and one keeps black ones: with equal weights both are equally many.
        double pink = cause.Count(example => example.SourceEntity == Planets.Name(0)) / (double)cause.Length;
        Assert.InRange(pink, 0.55, 1);
    }

    [Fact]
    public void Too_long_prompts_are_counted_not_cut()
    {
        RavelDataset dataset = Build(
            new FakeCompletions(prompt => prompt.StartsWith("Test Moons", StringComparison.Ordinal) ? null : Planets.Answer(prompt)));

        Assert.Equal(Planets.Count, dataset.Counts.SkippedTooLong);
        Assert.DoesNotContain(dataset.Test, example => example.BaseTemplate.StartsWith("Test Moons", StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_that_says_the_same_everywhere_gives_no_dataset()
    {
        Assert.Equal("DatasetImpossible", Assert.Throws<HyperDasException>(() => Build(new FakeCompletions(_ => " yes. It"))).ErrorId);
    }

    [Theory]
    [InlineData("DatasetOptionsInvalid", 1, 12, 64, null)]
    [InlineData("DatasetOptionsInvalid", 400, 0, 64, null)]
    [InlineData("DatasetOptionsInvalid", 400, 12, 1, null)]
    [InlineData("AttributeNotFound", 400, 12, 64, "Smell")]
    public void Impossible_options_are_refused(string id, int entities, int templates, int tokens, string? attribute)
    {
        RavelInstanceOptions options = s_options with
        {
            EntityLimit = entities, TemplateLimit = templates, MaxTokens = tokens, Attributes = attribute is null ? null : [attribute]
        };

        Assert.Equal(id, Assert.Throws<HyperDasException>(() => RavelInstanceBuilder.Build(
            [Planets.Domain], TinyTokenizer.Build([]), Planets.Model(), options)).ErrorId);
    }

    [Fact]
    public void The_same_seed_gives_the_same_examples_and_another_seed_others()
    {
        Assert.Equal(s_planets.Train, Build().Train);
        Assert.Equal(s_planets.Test, Build().Test);
        Assert.NotEqual(s_planets.Train, Build(options: s_options with { Seed = 6 }).Train);
    }

    [Fact]
    public void Building_can_be_cancelled()
    {
        Assert.Throws<OperationCanceledException>(() => RavelInstanceBuilder.Build(
            [Planets.Domain], TinyTokenizer.Build([]), Planets.Model(), s_options,
            cancellationToken: new CancellationToken(canceled: true)));
    }

    private static RavelDataset Build(ICompletionSource? model = null, RavelInstanceOptions? options = null) => RavelInstanceBuilder.Build(
        [Planets.Domain], TinyTokenizer.Build([]), model ?? Planets.Model(), (options ?? s_options) with { MaxTokens = 200 });

    private static RavelSplit SplitOf(string entity) => Planets.Domain.Entities.Single(e => e.Name == entity).Split;
}
