using System.Text.RegularExpressions;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

/// <summary>The bundled descriptions: there are enough, and each has one meaning and was written individually.</summary>
public sealed partial class BundledDescriptionsTests
{
    // Kinds of sentence that training never has.
    private static readonly Dictionary<string, Func<string, bool>> s_testKinds = new()
    {
        ["condition"] = text => Condition().IsMatch(text),
        ["speaker"] = text => Speaker().IsMatch(text),
        ["gap"] = text => text.Contains('…'),
        ["whatever"] = text => Whatever().IsMatch(text),
    };

    private static readonly Dictionary<string, Func<string, bool>> s_trainKinds = new()
    {
        ["bare words"] = text => text.Split(' ').Length <= 2,
        ["question"] = text => text.EndsWith('?') || Question().IsMatch(text),
        ["possessive"] = text => Owner().IsMatch(text),
        ["imperative"] = text => Order().IsMatch(text),
        ["noun phrase"] = text => text.StartsWith("the ", StringComparison.Ordinal),
    };

    public static TheoryData<string, string> Sets
    {
        get
        {
            TheoryData<string, string> all = [];
            foreach (string domain in DescriptionFiles.Domains)
            {
                all.Add("bundled", domain);
                all.Add("official", domain);
            }
            return all;
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Each_attribute_has_enough_to_train_on_and_6_each_to_validate_and_to_test(string set, string domain)
    {
        Assert.All(Attributes(set, domain), attribute =>
        {
            Assert.True(attribute.Count(d => d.Split == "train") >= (set == "bundled" ? 40 : 24), attribute.Key);
            Assert.True(attribute.Count(d => d.Split == "val") >= 6, attribute.Key);
            Assert.True(attribute.Count(d => d.Split == "test") >= 6, attribute.Key);
        });
    }

    [Theory, MemberData(nameof(Sets))]
    public void The_benchmarks_sentence_comes_first_of_what_is_trained_on(string set, string domain)
    {
        Assert.All(Attributes(set, domain), attribute =>
            Assert.Equal(HyperDas.Engine.Ravel.RavelInstruction.Concept(domain, attribute.Key!), attribute.First().Text));
    }

    [Theory, MemberData(nameof(Sets))]
    public void No_two_texts_of_a_domain_are_the_same_but_for_case_articles_and_its_noun(string set, string domain)
    {
        IEnumerable<IGrouping<string, WrittenDescription>> same = DescriptionFiles.Read(set, domain)
            .GroupBy(d => DescriptionFiles.Core(domain, d.Text));

        Assert.All(same, group => Assert.True(group.Count() == 1 && group.Key.Length > 0, string.Join(" = ", group)));
    }

    [Theory, MemberData(nameof(Sets))]
    public void Test_has_kinds_of_sentence_that_training_and_validation_have_not(string set, string domain)
    {
        Assert.All(Attributes(set, domain), attribute =>
        {
            Assert.All(attribute.Where(d => d.Split != "test"), d => Assert.DoesNotContain(s_testKinds, kind => kind.Value(d.Text)));
            Assert.All(s_testKinds, kind => Assert.True(kind.Key == "whatever" || attribute.Any(d => d.Split == "test"
                && kind.Value(d.Text)), $"{attribute.Key}: {kind.Key}"));
        });
        Assert.Contains(
            DescriptionFiles.Read(set, domain), d => d.Attribute is null && d.Split == "test" && s_testKinds["condition"](d.Text));
    }

    [Theory, MemberData(nameof(Sets))]
    public void Training_has_questions_possessives_orders_phrases_and_bare_words(string set, string domain)
    {
        Assert.All(Attributes(set, domain), attribute => Assert.All(
            s_trainKinds, kind =>
                Assert.True(attribute.Any(d => d.Split == "train" && kind.Value(d.Text)), $"{attribute.Key}: {kind.Key}")));
    }

    [Theory, MemberData(nameof(Sets))]
    public void Sentences_are_no_frames_in_which_a_noun_is_exchanged(string set, string domain)
    {
        (string? Attribute, string[] Words)[] all = [.. DescriptionFiles.Read(set, domain).Where(d => d.Attribute is not null)
            .Select(d => (d.Attribute, d.Text.ToLowerInvariant().TrimEnd('?').Split(' '))).Where(d => d.Item2.Length >= 4)];

        foreach (IGrouping<string?, (string? Attribute, string[] Words)> own in all.GroupBy(d => d.Attribute))
        {
            int frames = own.Count(mine => all.Any(other => other.Attribute != own.Key && OneWordApart(mine.Words, other.Words)));
            Assert.True(frames <= 3, $"{own.Key} shares {frames} frames with other attributes");
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Things_that_a_domain_lacks_are_in_all_three_splits(string set, string domain)
    {
        WrittenDescription[] absent = [.. DescriptionFiles.Read(set, domain).Where(d => d.Attribute is null)];

        Assert.True(absent.Count(d => d.Split == "train") >= 60);
        Assert.True(absent.Count(d => d.Split == "val") >= 12);
        Assert.True(absent.Count(d => d.Split == "test") >= 12);
    }

    // Written by people who hadn't seen the bundled ones, to measure how others' words are understood (docs/results.md).
    [Theory]
    [InlineData("elsewhere-a.json")]
    [InlineData("elsewhere-b.json")]
    public void Descriptions_written_elsewhere_are_not_trained_on(string file)
    {
        using System.Text.Json.JsonDocument all = System.Text.Json.JsonDocument.Parse(
            File.ReadAllText(Path.Combine(SharedData.RepositoryRoot(), "tests", "Fixtures", "descriptions", file)));
        foreach (System.Text.Json.JsonProperty domain in all.RootElement.EnumerateObject())
        {
            HashSet<string> trained = [.. DescriptionFiles.Read("bundled", domain.Name).Where(d => d.Split != "test")
                .Select(d => DescriptionFiles.Core(domain.Name, d.Text))];
            string[] texts = [.. domain.Value.GetProperty("attributes").EnumerateObject().Select(a => a.Value)
                .Append(domain.Value.GetProperty("absent")).SelectMany(texts => texts.EnumerateArray().Select(t => t.GetString()!))];

            Assert.True(texts.Length > 50);
            Assert.Empty(texts.Select(text => DescriptionFiles.Core(domain.Name, text)).Intersect(trained));
        }
    }

    [Fact]
    public void Both_spellings_of_English_occur()
    {
        string all = string.Join('\n', DescriptionFiles.Domains.SelectMany(d => DescriptionFiles.Read(
            "bundled", d)).Where(d => d.Split == "train").Select(d => d.Text));

        Assert.All((string[])["colour", "color ", "honoured", "honored", "metres", "millimeters", "labour", "labor ", "practised",
            "practiced", "speciality", "specialty"],
            word => Assert.Contains(word, all));
    }

    [Fact]
    public void Domains_that_both_sets_have_alike_are_described_once()
    {
        Assert.All((string[])["city", "nobel_prize_winner", "physical_object"], domain =>
            Assert.Equal(DescriptionFiles.Read("bundled", domain), DescriptionFiles.Read("official", domain)));
        // What both have of a domain that differs reads alike too.
        foreach (string domain in (string[])["occupation", "verb"])
        {
            (Dictionary<string, string[]> bundled, Dictionary<string, string[]> official) =
                (Texts("bundled", domain), Texts("official", domain));
            Assert.All(bundled.Keys.Intersect(official.Keys), attribute => Assert.Equal(bundled[attribute], official[attribute]));
        }
    }

    [SkippableTheory]
    [InlineData("city"), InlineData("nobel_prize_winner"), InlineData("occupation"), InlineData("physical_object"), InlineData("verb")]
    public void The_official_set_describes_each_attribute_of_the_official_files(string domain)
    {
        string folder = SharedData.Require("data", "ravel");
        using System.Text.Json.JsonDocument prompts = System.Text.Json.JsonDocument.Parse(
            File.ReadAllText(Path.Combine(folder, $"ravel_{domain}_attribute_to_prompts.json")));

        Assert.Equal(
            prompts.RootElement.EnumerateObject().Select(a => a.Name).Order(), Attributes("official", domain).Select(a => a.Key!).Order());
    }

    private static ILookup<string, string> Grouped(string set, string domain) =>
        DescriptionFiles.Read(set, domain).Where(d => d.Attribute is not null).ToLookup(d => d.Attribute!, d => d.Split + d.Text);

    private static Dictionary<string, string[]> Texts(string set, string domain) =>
        Grouped(set, domain).ToDictionary(g => g.Key, g => g.ToArray());

    private static IEnumerable<IGrouping<string?, WrittenDescription>> Attributes(string set, string domain) =>
        DescriptionFiles.Read(set, domain).Where(d => d.Attribute is not null).GroupBy(d => d.Attribute);

    private static bool OneWordApart(string[] one, string[] other) =>
        one.Length == other.Length && one.Zip(other).Count(pair => pair.First != pair.Second) == 1;

    [GeneratedRegex("^(if|suppose) ")]
    private static partial Regex Condition();

    [GeneratedRegex(@"\b(I|we)\b")]
    private static partial Regex Speaker();

    [GeneratedRegex("^(what|which|when|where|who)ever ")]
    private static partial Regex Whatever();

    [GeneratedRegex("^((in|on|at|to|from|for|of) )?(what|which|how|where|who|is|does|was|when) ", RegexOptions.IgnoreCase)]
    private static partial Regex Question();

    [GeneratedRegex(@"\w's |^its |^her ")]
    private static partial Regex Owner();

    [GeneratedRegex(
        "^(name|say|tell|find|give|state|describe|explain|pick|put|set|choose|look|measure|touch|conjugate|attach|add|make|spell|work|write|read) ")]
    private static partial Regex Order();
}
