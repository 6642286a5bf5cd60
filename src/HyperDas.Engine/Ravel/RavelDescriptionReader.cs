using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Reads a domain's descriptions from two files of this project, either of which may be missing: one with the attributes, each divided into
/// <c>train</c>, <c>val</c> and <c>test</c>, and one with things that the domain doesn't have, divided in the same way. A text has one
/// meaning and one split, regardless of its case.
/// </summary>
internal static class RavelDescriptionReader
{
    // Name of the file of absent things in messages about a text that both files have.
    private const string Absent = "what the domain doesn't have";

    /// <summary>Names of the two files: attributes, absent things.</summary>
    /// <param name="domain">Domain, e.g. <c>city</c>.</param>
    internal static IReadOnlyList<string> FileNames(string domain) =>
        [$"ravel_{domain}_attribute_to_descriptions.json", $"ravel_{domain}_absent_descriptions.json"];

    /// <summary>Reads the descriptions of a domain.</summary>
    /// <param name="folder">Folder with the benchmark's files.</param>
    /// <param name="domain">Domain.</param>
    /// <param name="attributes">Attributes for which the domain has templates.</param>
    /// <returns>The descriptions in file order; empty when both files are missing.</returns>
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
                path, key, "it must be an object with \"train\", \"val\" and \"test\", each a list of descriptions");
        }
        List<RavelDescription> own = [];
        foreach (JsonProperty property in splits.EnumerateObject())
        {
            string place = key.Length == 0 ? property.Name : $"{key}.{property.Name}";
            RavelSplit split = Enum.GetValues<RavelSplit>().Cast<RavelSplit?>().FirstOrDefault(s => Word(s!.Value) == property.Name)
                ?? throw RavelFileError.Corrupt(path, place, $"the split '{property.Name}' isn't one of train, val, test");
            if (property.Value.ValueKind != JsonValueKind.Array)
            {
                throw RavelFileError.Corrupt(path, place, "it must be a list of descriptions");
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
                path, key.Length == 0 ? "train" : $"{key}.train", "it must contain at least one description for training");
    }

    private static string Text(string path, string place, JsonElement item)
    {
        string text = item.ValueKind == JsonValueKind.String
            ? item.GetString()!
            : throw RavelFileError.Corrupt(path, place, $"a description must be a string, not {item.GetRawText()}");
        return string.IsNullOrWhiteSpace(text)
            ? throw RavelFileError.Corrupt(path, place, $"a description is empty (\"{text}\"); describe the concept, or remove it")
            : text;
    }

    private static string Twice(RavelDescription description, RavelDescription first)
    {
        string Name(RavelDescription d) => d.Attribute ?? Absent;
        return (first.Attribute == description.Attribute, first.Split == description.Split) switch
        {
            (true, true) => "occurs twice; remove one",
            (true, false) => $"is in {Word(first.Split)} and in {Word(description.Split)}; unseen descriptions must not be used in training",
            _ => $"is also one of {Name(first)}; it can describe only one thing",
        };
    }

    private static string Word(RavelSplit split) => split.ToString().ToLowerInvariant();

    private static string Compared(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
