using System.Text.Json;
using System.Text.RegularExpressions;
using HyperDas.Engine.Ravel.Downloads;

namespace HyperDas.Engine.Tests.Ravel;

/// <summary>One description as a file has it.</summary>
/// <param name="Attribute">What it describes; null for a thing that the domain doesn't have.</param>
/// <param name="Split">train, val or test.</param>
/// <param name="Text">The words.</param>
internal sealed record WrittenDescription(string? Attribute, string Split, string Text);

/// <summary>
/// The two sets of descriptions that this project has written, read with nothing but System.Text.Json: the bundled benchmark's in
/// examples/data, and RAVEL's own domains' inside the engine.
/// </summary>
internal static partial class DescriptionFiles
{
    internal static readonly string[] Domains = ["city", "nobel_prize_winner", "occupation", "physical_object", "verb"];

    // What stands for the entity in the words of a domain; "the country of a city" and "the city's country" differ in nothing else.
    private static readonly Dictionary<string, string> s_nouns = new()
    {
        ["city"] = "city|cities",
        ["nobel_prize_winner"] = "nobel prize winners?|prize winners?|winners?|laureates?",
        ["occupation"] = "occupations?",
        ["physical_object"] = "physical objects?|objects?",
        ["verb"] = "verbs?",
    };

    /// <summary>All descriptions of a domain, absent things last.</summary>
    /// <param name="set">Either <c>bundled</c> or <c>official</c>.</param>
    /// <param name="domain">The domain.</param>
    internal static IReadOnlyList<WrittenDescription> Read(string set, string domain)
    {
        List<WrittenDescription> all = [];
        JsonElement attributes = Open(set, $"ravel_{domain}_attribute_to_descriptions.json");
        foreach (JsonProperty attribute in attributes.EnumerateObject())
        {
            all.AddRange(Splits(attribute.Name, attribute.Value));
        }
        return [.. all, .. Splits(null, Open(set, $"ravel_{domain}_absent_descriptions.json"))];
    }

    /// <summary>What is left of a text without case, punctuation, articles and the domain's noun.</summary>
    internal static string Core(string domain, string text)
    {
        string bare = Regex.Replace(text.ToLowerInvariant(), $@"\b({s_nouns[domain]})\b", " ");
        bare = Marks().Replace(Possessive().Replace(bare, " "), " ");
        return string.Join(' ', bare.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => word is not ("a" or "an" or "the")));
    }

    private static IEnumerable<WrittenDescription> Splits(string? attribute, JsonElement splits) => splits.EnumerateObject()
        .SelectMany(split => split.Value.EnumerateArray().Select(text => new WrittenDescription(attribute, split.Name, text.GetString()!)));

    private static JsonElement Open(string set, string file)
    {
        using Stream content = set == "bundled"
            ? File.OpenRead(Path.Combine(SharedData.RepositoryRoot(), "examples", "data", "ravel-mini", file))
            : typeof(RavelAdditions).Assembly.GetManifestResourceStream($"descriptions/{file}")!;
        using JsonDocument document = JsonDocument.Parse(content);
        return document.RootElement.Clone();
    }

    [GeneratedRegex(@"'s\b|'")]
    private static partial Regex Possessive();

    [GeneratedRegex(@"[^\p{L}\p{Nd}]+")]
    private static partial Regex Marks();
}
