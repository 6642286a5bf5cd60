using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Reads a domain's descriptions from two files of this project, either of which may be missing: one with the attributes, each divided
/// into <c>train</c>, <c>val</c> and <c>test</c>, and one with things that the domain doesn't have, divided alike. A text has one meaning
/// and one split, whatever its case.
/// </summary>
internal static class RavelDescriptionReader
{
    // How the file of absent things is named in messages about a text that both files have.
    private const string Absent = "what the domain doesn't have";

    /// <summary>Names of the two files: attributes, absent things.</summary>
    /// <param name="domain">Domain, e.g. <c>city</c>.</param>
    internal static IReadOnlyList<string> FileNames(string domain) =>
        [$"ravel_{domain}_attribute_to_descriptions.json", $"ravel_{domain}_absent_descriptions.json"];

    /// <summary>Reads them.</summary>
    /// <param name="folder">Folder with the benchmark's files.</param>
    /// <param name="domain">Domain.</param>
    /// <param name="attributes">Attributes that the domain has templates of.</param>
    /// <returns>In file order; empty when neither file is there.</returns>
    /// <exception cref="HyperDasException"><c>RavelFileCorrupt</c>.</exception>
    internal static IReadOnlyList<RavelDescription> Read(string folder, string domain, IReadOnlyList<string> attributes)
    {
        string[] paths = [.. FileNames(domain).Select(name => Path.Combine(folder, name))];
        Dictionary<string, RavelDescription> found = new(StringComparer.OrdinalIgnoreCase);
        List<RavelDescription> all = [];
        if (File.Exists(paths[0]))
        {
            using JsonDocument document = StrictJson.Open(paths[0], RavelFileError.Id);
            foreach (JsonProperty attribute in document.RootElement.EnumerateObject())
            {
                if (!attributes.Contains(attribute.Name))
                {
                    throw RavelFileError.Corrupt(
                        paths[0], attribute.Name, $"the domain has no such attribute; it has {string.Join(", ", attributes)}");
                }
                all.AddRange(Splits(paths[0], attribute.Name, attribute.Name, attribute.Value, found));
            }
        }
        if (File.Exists(paths[1]))
        {
            using JsonDocument document = StrictJson.Open(paths[1], RavelFileError.Id);
            all.AddRange(Splits(paths[1], null, "", document.RootElement, found));
        }
        return all.ToArray();
    }

    private static IEnumerable<RavelDescription> Splits(
        string path, string? attribute, string key, JsonElement splits, Dictionary<string, RavelDescription> found)
    {
        if (splits.ValueKind != JsonValueKind.Object)
        {
            throw RavelFileError.Corrupt(
                path, key, "an object with \"train\", \"val\" and \"test\", each a list of descriptions, is needed");
        }
        List<RavelDescription> own = [];
        foreach (JsonProperty property in splits.EnumerateObject())
        {
            string place = key.Length == 0 ? property.Name : $"{key}.{property.Name}";
            RavelSplit split = Enum.GetValues<RavelSplit>().Cast<RavelSplit?>().FirstOrDefault(s => Word(s!.Value) == property.Name)
                ?? throw RavelFileError.Corrupt(path, place, $"the split '{property.Name}' isn't one of train, val, test");
            if (property.Value.ValueKind != JsonValueKind.Array)
            {
                throw RavelFileError.Corrupt(path, place, "a list of descriptions is needed");
            }
            foreach (JsonElement item in property.Value.EnumerateArray())
            {
                RavelDescription description = new(Text(path, place, item), attribute, split);
                if (!found.TryAdd(Compared(description.Text), description))
                {
                    string twice = Twice(description, found[Compared(description.Text)]);
                    throw RavelFileError.Corrupt(path, place, $"the description \"{description.Text}\" {twice}");
                }
                own.Add(description);
            }
        }
        return own.Exists(description => description.Split == RavelSplit.Train)
            ? own
            : throw RavelFileError.Corrupt(
                path, key.Length == 0 ? "train" : $"{key}.train", "at least one description to train on is needed");
    }

    private static string Text(string path, string place, JsonElement item)
    {
        string text = item.ValueKind == JsonValueKind.String
            ? item.GetString()!
            : throw RavelFileError.Corrupt(path, place, $"a description is a string, not {item.GetRawText()}");
        return string.IsNullOrWhiteSpace(text)
            ? throw RavelFileError.Corrupt(path, place, $"a description is empty (\"{text}\"); name the concept in words, or take it out")
            : text;
    }

    private static string Twice(RavelDescription description, RavelDescription first)
    {
        string Name(RavelDescription d) => d.Attribute ?? Absent;
        return (first.Attribute == description.Attribute, first.Split == description.Split) switch
        {
            (true, true) => "is there twice; once is enough",
            (true, false) => $"is in {Word(first.Split)} and in {Word(description.Split)}; what is scored as unseen must not be trained on",
            _ => $"is also one of {Name(first)}; it can describe one thing only",
        };
    }

    private static string Word(RavelSplit split) => split.ToString().ToLowerInvariant();

    private static string Compared(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
