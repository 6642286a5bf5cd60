using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Instances;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

/// <summary>
/// The oddities of the official files, by their numbers in docs/methods.md#oddities-of-the-official-files: that they are
/// there, and what becomes of them.
/// </summary>
public sealed class OfficialOdditiesTests
{
    [SkippableFact]
    public void Oddity_1_entities_without_any_value_enter_no_example()
    {
        RavelDomain nobel = Official("nobel_prize_winner");
        string[] empty =
            [.. nobel.Entities.Where(entity => entity.Values.Values.All(value => value.Length == 0)).Select(entity => entity.Name)];
        RavelDomain few = Few(nobel, 40, empty);

        RavelDataset pairs = Pairs(few);

        Assert.Equal(["Satoshi &", "Michael Houghton"], empty.OrderBy(name => name.Length));
        Assert.DoesNotContain(pairs.Train.Concat(pairs.Val).Concat(pairs.Test), example => empty.Contains(example.BaseEntity)
            || empty.Contains(example.SourceEntity));
        Assert.False(CompletionJudge.IsCorrect("%s was born in", "", " 1950", UtcOffset.DefaultDate));
    }

    [SkippableFact]
    public void Oddity_2_templates_in_both_files_are_no_contexts_for_pairs_and_no_test_templates_for_instances()
    {
        RavelDomain nobel = Official("nobel_prize_winner");

        Assert.Equal(15, nobel.RepeatedTemplates.Count);
        Assert.All(nobel.RepeatedTemplates, context => Assert.Equal((RavelSplit.Train, null), (context.Split, context.Entity)));
        RavelTemplate[] own = [.. nobel.Templates.Where(template => nobel.RepeatedTemplates.Any(context => context.Text == template.Text))];
        Assert.Equal((9, 2, 4), (own.Count(t => t.Split == RavelSplit.Train), own.Count(t => t.Split == RavelSplit.Val),
            own.Count(t => t.Split == RavelSplit.Test)));
    }

    [SkippableFact]
    public void Oddity_3_two_entities_differ_only_in_case()
    {
        RavelDomain objects = Official("physical_object");
        RavelEntity upper = objects.Entities.Single(entity => entity.Name == "Amethyst"),
            lower = objects.Entities.Single(entity => entity.Name == "amethyst");

        Assert.Equal((RavelSplit.Val, RavelSplit.Test), (upper.Split, lower.Split));
        Assert.NotEqual(upper.Values, lower.Values);
    }

    [SkippableFact]
    public void Oddity_4_two_spellings_of_one_category_are_no_pair()
    {
        RavelDomain objects = Official("physical_object");

        Assert.Equal(185, objects.Entities.Count(entity => entity.Values["Category"] == "non-living thing"));
        Assert.Equal(40, objects.Entities.Count(entity => entity.Values["Category"] == "non-living things"));
        Assert.True(PairSampler.SameValue("non-living thing", "non-living things"));
        Assert.True(CompletionJudge.IsCorrect("%s is a", "non-living things", " non-living thing", UtcOffset.DefaultDate));
    }

    [SkippableFact]
    public void Oddity_5_names_with_accents_and_several_words_end_at_their_last_token()
    {
        RavelDomain nobel = Official("nobel_prize_winner");
        RavelEntity[] accented = [.. nobel.Entities.Where(entity => entity.Name.Any(letter => letter > 127))];
        PromptTokenizer prompts = new(TinyTokenizer.Build([]));

        Assert.Equal(70, accented.Length);
        Assert.All(accented, entity =>
        {
            (int[] ids, int last) = prompts.Parts("Once, " + entity.Name, " won");
            Assert.Equal("Once, " + entity.Name, prompts.Tokenizer.Decode(ids[..(last + 1)]));
        });
        Assert.Equal(13, Official("city").Entities.Max(entity => entity.Name.Length));
        Assert.All(Official("city").Entities, entity => Assert.DoesNotContain(' ', entity.Name));
    }

    [SkippableTheory]
    [InlineData("city", 4)]
    [InlineData("nobel_prize_winner", 18)]
    [InlineData("verb", 84)]
    public void Oddity_6_templates_that_are_not_plain_ascii_are_kept_letter_by_letter(string domain, int count)
    {
        Tokenizer tokenizer = TinyTokenizer.Build([]);
        RavelTemplate[] odd = [.. Official(domain).Templates.Where(template => template.Text.Any(letter => letter > 127))];

        Assert.Equal(count, odd.Length);
        Assert.All(odd, template => Assert.Equal(template.Text, tokenizer.Decode(tokenizer.Encode(template.Text))));
    }

    [SkippableFact]
    public void Oddity_7_a_line_feed_inside_a_template_stays()
    {
        RavelTemplate template = Assert.Single(Official("occupation").Templates, template => template.Text.Contains('\n'));

        Assert.StartsWith("Job title: %s\nJob description:", template.Text);
        Assert.Equal(("Job title: poet", template.Text["Job title: %s".Length..]), TemplateSlot.Fill(template.Text, "poet"));
    }

    [SkippableTheory]
    [InlineData("city", 311, 324, 303, 12, 12)]
    [InlineData("nobel_prize_winner", 323, 5, 5, 60, 60)]
    [InlineData("verb", 347, 256, 247, 7, 7)]
    [InlineData("physical_object", 178, 158, 147, 10, 10)]
    [InlineData("occupation", 181, 135, 125, 10, 10)]
    public void Oddity_8_contexts_fit_the_entities_of_a_set_very_differently(
        string name, int train, int contextVal, int contextTest, int entityVal, int entityTest)
    {
        RavelDomain domain = Official(name);
        Dictionary<string, RavelSplit> entities = domain.Entities.ToDictionary(entity => entity.Name, entity => entity.Split);

        Assert.Equal(
            (train, contextVal, contextTest, entityVal, entityTest),
            (Usable(RavelSplit.Train, RavelSplit.Train), Usable(RavelSplit.Val, RavelSplit.Train),
                Usable(RavelSplit.Test, RavelSplit.Train),
                Usable(RavelSplit.Train, RavelSplit.Val), Usable(RavelSplit.Train, RavelSplit.Test)));

        int Usable(RavelSplit contexts, RavelSplit of) => domain.Distractors.Concat(domain.RepeatedTemplates)
            .Count(context => context.Split == contexts && (context.Entity is null || entities[context.Entity] == of));
    }

    [SkippableFact]
    public void Oddity_9_a_plural_that_melts_into_the_entity_ends_at_the_token_with_its_last_letter()
    {
        Assert.Contains(Official("physical_object").Distractors, context => context.Text.Contains("%ss", StringComparison.Ordinal));
        PromptTokenizer prompts = new(TinyTokenizer.Build(["t s"]));

        (int[] ids, int last) = prompts.Parts("boat", "s,");

        Assert.Equal("boats", prompts.Tokenizer.Decode(ids[..(last + 1)]));
    }

    [SkippableFact]
    public void Oddity_10_offsets_from_utc_are_asked_of_entities_whose_value_is_a_zone()
    {
        RavelDomain city = Official("city");
        RavelTemplate[] zones = [.. city.Templates.Where(template => template.Attribute == "Timezone")];
        RavelTemplate[] offsets = [.. zones.Where(template => template.Text.Contains("UTC", StringComparison.Ordinal))];

        Assert.Equal((73, 31), (zones.Length, offsets.Length));
        Assert.All(
            offsets, template => Assert.True(CompletionJudge.IsCorrect(template.Text, "Asia/Tokyo", "+09:00\"", UtcOffset.DefaultDate)));
    }

    [SkippableFact]
    public void Oddity_11_most_countries_are_in_training_and_test_entities()
    {
        RavelDomain city = Official("city");
        HashSet<string> train = Countries(RavelSplit.Train), test = Countries(RavelSplit.Test);

        Assert.Equal(134, train.Intersect(test).Count());
        // Held out entities don't hold out values: an entity test isn't a test of new answers.
        Assert.Contains(Pairs(Few(city, 300)).Test, example => train.Contains(example.BaseValue) || example.AskedAttribute != "Country");

        HashSet<string> Countries(RavelSplit split) =>
            [.. city.Entities.Where(entity => entity.Split == split).Select(entity => entity.Values["Country"])];
    }

    [SkippableFact]
    public void Positions_from_offsets_are_those_of_a_suffix_that_is_tokenised_alone()
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Require("data", "tokenizers", "llama3"));
        RavelDomain city = Official("city");
        PromptTokenizer prompts = new(tokenizer);
        int agree = 0, all = 0;
        foreach (RavelTemplate template in city.Templates)
        {
            foreach (RavelEntity entity in city.Entities.Take(5))
            {
                (string prefix, string suffix) = TemplateSlot.Fill(template.Text, entity.Name);
                (int[] ids, int last) = prompts.Parts(prefix, suffix);
                int[] alone = tokenizer.Encode(suffix);
                if (ids.AsSpan().EndsWith(alone))
                {
                    all++;
                    agree += last == ids.Length - alone.Length - 1 ? 1 : 0;
                }
            }
        }

        Assert.InRange(all, 1000, 5 * 273);
        Assert.Equal(all, agree);
    }

    private static RavelDomain Official(string name) => RavelReader.Read(SharedData.Require("data", "ravel"), name);

    private static RavelDomain Few(RavelDomain domain, int count, params string[] also) => domain with
    {
        Entities = [.. domain.Entities.Where((entity, i) => i % (domain.Entities.Count / count) == 0 || also.Contains(entity.Name))],
    };

    private static RavelDataset Pairs(RavelDomain domain) => RavelDatasetBuilder.Build(
        [domain], TinyTokenizer.Build([]), new FactFilter(new FakeOracle()),
        new RavelBuildOptions { TrainPerAttribute = 40, ValPerAttribute = 20, TestPerAttribute = 20, MaxTokens = 1000 });
}
