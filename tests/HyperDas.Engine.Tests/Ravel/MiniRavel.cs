using System.Text.Json.Nodes;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Tests.Ravel;

/// <summary>
/// A made-up domain of towns in the benchmark's file format: 6 entities, Country and Language and Altitude, 2 templates for each split,
/// and the oddities that the official files have.
/// </summary>
internal static class MiniRavel
{
    internal static readonly string[] Towns = ["Vienna", "Paris", "Graz", "Lyon", "Rome", "rome"];

    private static readonly string[][] s_values =
    [
        ["Austria", "German", "-151"], ["France", "French", "35"], ["Austria", "German", "353"],
        ["France", "French", "173"], ["Italy", "Italian", "21"], ["United States", "", "-187"],
    ];

    private static readonly string[] s_attributes = ["Country", "Language", "Altitude"];

    /// <summary>The domain, read from files that are gone afterwards.</summary>
    internal static RavelDomain Read(Action<Dictionary<string, JsonObject>>? change = null)
    {
        using TemporaryFolder folder = new();
        Write(folder, change);
        return RavelReader.Read(folder.Path, "town");
    }

    /// <summary>
    /// Writes the five files; <paramref name="change"/> may spoil them first (keys: facts, entitySplit, prompts, promptSplit, wikipedia).
    /// </summary>
    internal static void Write(TemporaryFolder folder, Action<Dictionary<string, JsonObject>>? change = null)
    {
        Dictionary<string, JsonObject> files = new()
        {
            ["facts"] = [], ["entitySplit"] = [], ["prompts"] = [], ["promptSplit"] = [], ["wikipedia"] = [],
        };
        string[] splits = ["train", "train", "val", "val", "test", "test"];
        for (int i = 0; i < Towns.Length; i++)
        {
            files["facts"][Towns[i]] = new JsonObject(
                s_attributes.Select((name, k) => KeyValuePair.Create(name, (JsonNode?)s_values[i][k])));
            files["entitySplit"][Towns[i]] = splits[i];
        }
        foreach (string attribute in s_attributes)
        {
            string[] texts =
            [
                .. splits.Select(
                    (split, i) => i % 2 == 0 ? $"{split}: %s has the {attribute}" : $"{{\"town\": \"%s\", \"{split} {attribute}\": \"")
            ];
            files["prompts"][attribute] = new JsonArray([.. texts.Select(text => (JsonNode)text)]);
            for (int i = 0; i < texts.Length; i++)
            {
                files["promptSplit"][texts[i]] = splits[i];
            }
        }
        // No entity has a gold value of it.
        files["prompts"]["Mood"] = new JsonArray("train: the mood in %s is");
        files["promptSplit"]["train: the mood in %s is"] = "train";
        foreach (string split in (string[])["train", "val", "test"])
        {
            files["wikipedia"][$"{split} is a word, and so is %s"] = new JsonObject { ["split"] = split, ["entity"] = null };
        }
        files["wikipedia"]["They left %s in spring"] = new JsonObject { ["split"] = "train", ["entity"] = "Paris" };
        files["wikipedia"]["train: %s has the Country"] = new JsonObject { ["split"] = "train", ["entity"] = null };
        change?.Invoke(files);
        folder.Write("ravel_town_entity_attributes.json", files["facts"].ToJsonString());
        folder.Write("ravel_town_entity_to_split.json", files["entitySplit"].ToJsonString());
        folder.Write("ravel_town_attribute_to_prompts.json", files["prompts"].ToJsonString());
        folder.Write("ravel_town_prompt_to_split.json", files["promptSplit"].ToJsonString());
        folder.Write("wikipedia_town_entity_prompts.json", files["wikipedia"].ToJsonString());
    }
}
