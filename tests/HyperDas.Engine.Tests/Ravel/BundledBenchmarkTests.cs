using System.Text;
using System.Text.Json;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

/// <summary>
/// What examples/data/ravel-mini promises, read with nothing but System.Text.Json so that a fault of the reader
/// can't hide a fault of the data.
/// </summary>
public class BundledBenchmarkTests
{
    private static readonly string s_folder = Path.Combine(SharedData.RepositoryRoot(), "examples", "data", "ravel-mini");
    private static readonly string[] s_splits = ["train", "val", "test"];

    private static readonly string[] s_domains = ["city", "nobel_prize_winner", "occupation", "physical_object", "verb"];

    public static TheoryData<string> Domains => [.. s_domains];

    [Fact]
    public void Five_domains_of_five_files_and_two_of_descriptions_and_nothing_else_in_json()
    {
        IEnumerable<string> expected = s_domains.SelectMany(FilesOf).Order(StringComparer.Ordinal);

        IEnumerable<string?> actual = Directory.GetFiles(s_folder, "*.json").Select(Path.GetFileName).Order(StringComparer.Ordinal);

        Assert.Equal(expected, actual);
    }

    [Theory, MemberData(nameof(Domains))]
    public void Files_are_plain_utf8_with_line_feeds_and_no_escaped_letters(string domain)
    {
        UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        foreach (byte[] bytes in FilesOf(domain).Select(file => File.ReadAllBytes(Path.Combine(s_folder, file))))
        {
            string text = strict.GetString(bytes);
            Assert.Equal('{', text[0]);
            Assert.DoesNotContain('\r', text);
            Assert.DoesNotContain("\\u", text, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Domains))]
    public void Each_domain_has_120_entities_or_more_and_3_to_6_attributes_with_values(string domain)
    {
        List<(string Name, JsonElement Value)> entities = Members(Read($"ravel_{domain}_entity_attributes.json"));
        string[] attributes = [.. Attributes(domain).Select(attribute => attribute.Name)];

        Assert.True(entities.Count >= 120, $"{domain} has {entities.Count} entities");
        Assert.InRange(attributes.Length, 3, 6);
        foreach ((string name, JsonElement value) in entities)
        {
            List<(string Name, JsonElement Value)> facts = Members(value);
            Assert.Equal(attributes, facts.Select(fact => fact.Name));
            Assert.All(facts, fact => Assert.True(IsCleanText(fact.Value.GetString()!, words: 4), $"{name}: {fact.Name}"));
            Assert.True(IsCleanText(name, words: 4), name);
        }
    }

    [Theory, MemberData(nameof(Domains))]
    public void The_split_of_entities_lists_the_same_entities_in_the_same_order(string domain)
    {
        List<(string Name, JsonElement Value)> split = Members(Read($"ravel_{domain}_entity_to_split.json"));

        Assert.Equal(
            Members(Read($"ravel_{domain}_entity_attributes.json")).Select(entity => entity.Name), split.Select(entry => entry.Name));
        AssertSixtyTwentyTwenty(split.Select(entry => entry.Value.GetString()!));
    }

    [Theory, MemberData(nameof(Domains))]
    public void The_split_of_templates_lists_the_same_templates_in_the_same_order(string domain)
    {
        List<(string Name, JsonElement Value)> split = Members(Read($"ravel_{domain}_prompt_to_split.json"));

        Assert.Equal(Attributes(domain).SelectMany(attribute => attribute.Templates), split.Select(entry => entry.Name));
    }

    [Theory, MemberData(nameof(Domains))]
    public void Each_attribute_has_12_templates_or_more_over_all_three_splits(string domain)
    {
        Dictionary<string, string> splitOf = SplitOfTemplates(domain);

        foreach ((string attribute, string[] templates) in Attributes(domain))
        {
            Assert.True(templates.Length >= 12, $"{domain} {attribute} has {templates.Length} templates");
            AssertSixtyTwentyTwenty(templates.Select(template => splitOf[template]));
        }
    }

    [Theory, MemberData(nameof(Domains))]
    public void Each_template_and_distractor_has_exactly_one_slot_and_is_short(string domain)
    {
        Assert.All(AllTexts(domain), text =>
        {
            Assert.Equal(2, text.Split("%s").Length);
            Assert.Equal(1, text.Count(character => character == '%'));
            Assert.True(text.Split(' ').Length <= 16, text);
            Assert.True(text.Length > 0 && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && !text.Contains('\n'), text);
        });
    }

    [Theory, MemberData(nameof(Domains))]
    public void No_prompt_asks_for_two_things(string domain)
    {
        // A text that is another one's beginning would have two right continuations at its last token.
        string[] texts = [.. AllTexts(domain)];

        Assert.Equal(texts.Length, texts.Distinct().Count());
        Assert.All(texts, text => Assert.DoesNotContain(texts, other => other != text && other.StartsWith(text, StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Domains))]
    public void Distractors_are_30_or_more_mostly_generic_and_name_train_entities(string domain)
    {
        Dictionary<string, string> splitOf = Members(Read($"ravel_{domain}_entity_to_split.json"))
            .ToDictionary(e => e.Name, e => e.Value.GetString()!);
        List<(string Name, JsonElement Value)> distractors = Distractors(domain);
        string[] named = [.. distractors.Select(d => d.Value.GetProperty("entity").GetString()).OfType<string>()];

        Assert.True(distractors.Count >= 30, $"{domain} has {distractors.Count} distractors");
        Assert.InRange(named.Length, 1, distractors.Count / 3);
        Assert.All(named, entity => Assert.Equal("train", splitOf[entity]));
        Assert.Equal(s_splits, distractors.Select(d => d.Value.GetProperty("split").GetString()!).Distinct());
        Assert.Contains(distractors, d => d.Name.EndsWith("%s", StringComparison.Ordinal));
        Assert.Contains(distractors, d => !d.Name.EndsWith("%s", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Vienna", "Austria", "Europe", "German", "48", "16", "Europe/Vienna")]
    [InlineData("Paris", "France", "Europe", "French", "49", "2", "Europe/Paris")]
    public void Vienna_and_Paris_are_there_to_train_on(string city, params string[] values)
    {
        JsonElement facts = Read("ravel_city_entity_attributes.json").GetProperty(city);

        Assert.Equal(values, Members(facts).Select(fact => fact.Value.GetString()!));
        Assert.Equal("train", Read("ravel_city_entity_to_split.json").GetProperty(city).GetString());
    }

    [Fact]
    public void The_two_prompts_of_the_quickstart_are_templates_to_train_on()
    {
        JsonElement counterfactual = Read("wikipedia_city_entity_prompts.json").GetProperty("I love %s");

        Assert.Contains("%s is in", Attributes("city").Single(attribute => attribute.Name == "Country").Templates);
        Assert.Equal("train", Read("ravel_city_prompt_to_split.json").GetProperty("%s is in").GetString());
        Assert.Equal("train", counterfactual.GetProperty("split").GetString());
        Assert.Equal(JsonValueKind.Null, counterfactual.GetProperty("entity").ValueKind);
    }

    [SkippableTheory, MemberData(nameof(Domains))]
    public void No_text_is_taken_from_the_official_files(string domain)
    {
        string official = SharedData.Require("data", "ravel");
        JsonElement attributes = ReadFile(Path.Combine(official, $"ravel_{domain}_attribute_to_prompts.json"));
        JsonElement wikipedia = ReadFile(Path.Combine(official, $"wikipedia_{domain}_entity_prompts.json"));
        HashSet<string> theirs = [.. Members(attributes).SelectMany(a => a.Value.EnumerateArray()).Select(t => LettersOf(t.GetString()!))];
        theirs.UnionWith(Members(wikipedia).Select(distractor => LettersOf(distractor.Name)));

        Assert.NotEmpty(theirs);
        Assert.All(AllTexts(domain), text => Assert.DoesNotContain(LettersOf(text), theirs));
    }

    private static string[] FilesOf(string domain) =>
    [
        $"ravel_{domain}_attribute_to_prompts.json", $"ravel_{domain}_entity_attributes.json", $"ravel_{domain}_entity_to_split.json",
        $"ravel_{domain}_attribute_to_descriptions.json", $"ravel_{domain}_absent_descriptions.json",
        $"ravel_{domain}_prompt_to_split.json", $"wikipedia_{domain}_entity_prompts.json",
    ];

    private static IEnumerable<string> AllTexts(string domain) =>
        Attributes(domain).SelectMany(attribute => attribute.Templates).Concat(Distractors(domain).Select(distractor => distractor.Name));

    private static List<(string Name, string[] Templates)> Attributes(string domain) =>
        [.. Members(Read($"ravel_{domain}_attribute_to_prompts.json"))
            .Select(a => (a.Name, a.Value.EnumerateArray().Select(t => t.GetString()!).ToArray()))];

    private static List<(string Name, JsonElement Value)> Distractors(string domain) =>
        Members(Read($"wikipedia_{domain}_entity_prompts.json"));

    private static Dictionary<string, string> SplitOfTemplates(string domain) =>
        Members(Read($"ravel_{domain}_prompt_to_split.json")).ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!);

    // In the file's order; a key that comes twice is a fault of the file.
    private static List<(string Name, JsonElement Value)> Members(JsonElement element)
    {
        List<(string Name, JsonElement Value)> members = [.. element.EnumerateObject().Select(member => (member.Name, member.Value))];
        Assert.Equal(members.Count, members.Select(member => member.Name).Distinct().Count());
        return members;
    }

    private static void AssertSixtyTwentyTwenty(IEnumerable<string> splits)
    {
        string[] all = [.. splits];
        double Share(string split) => all.Count(other => other == split) / (double)all.Length;
        Assert.All(all, split => Assert.Contains(split, s_splits));
        Assert.InRange(Share("train"), 0.55, 0.65);
        Assert.InRange(Share("val"), 0.15, 0.25);
        Assert.InRange(Share("test"), 0.15, 0.25);
    }

    // No empty value, no list of several, no quote that would end a quoted answer early, no odd white space.
    private static bool IsCleanText(string text, int words) =>
        text.Split(' ') is var parts && parts.Length <= words && parts.All(part => part.Length > 0)
            && text.IndexOfAny(['"', ',', '\n', '\t', '%']) < 0;

    private static string LettersOf(string template) =>
        string.Concat(template.Where(character => char.IsLetter(character) || character == '%').Select(char.ToLowerInvariant));

    private static JsonElement Read(string file) => ReadFile(Path.Combine(s_folder, file));

    private static JsonElement ReadFile(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }
}
