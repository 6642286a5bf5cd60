using System.Text.Json.Nodes;

namespace HyperDas.PowerShell.Tests.Examples;

/// <summary>The bundled benchmark with a few entities and templates of each split, so that every step takes a moment.</summary>
internal static class SmallRavel
{
    private static readonly string s_whole = Path.Combine(Repository.Root, "examples", "data", "ravel-mini");

    // Train, val, test. In every domain the model knows prompts of two splits, so pairs can be built.
    private static readonly Dictionary<string, int> s_entities = new() { ["train"] = 14, ["val"] = 6, ["test"] = 6 };
    private static readonly Dictionary<string, int> s_templates = new() { ["train"] = 3, ["val"] = 2, ["test"] = 2 };

    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(s_whole, "ravel_*_entity_to_split.json"))
        {
            string domain = Path.GetFileName(file)["ravel_".Length..^"_entity_to_split.json".Length];
            HashSet<string> entities = Keep(
                Read(domain, "entity_to_split"), [.. Read(domain, "entity_to_split").Select(e => e.Key)], s_entities);
            Write(domain, "entity_to_split", Only(Read(domain, "entity_to_split"), entities));
            Write(domain, "entity_attributes", Only(Read(domain, "entity_attributes"), entities));

            string texts = $"wikipedia_{domain}_entity_prompts.json";
            JsonObject sentences = JsonNode.Parse(File.ReadAllText(Path.Combine(s_whole, texts)))!.AsObject();
            IEnumerable<string> about = sentences.Where(
                s => (string?)s.Value!["entity"] is not string entity || entities.Contains(entity)).Select(s => s.Key);
            File.WriteAllText(Path.Combine(folder, texts), Only(sentences, [.. about]).ToJsonString());

            JsonObject splits = Read(domain, "prompt_to_split"), prompts = Read(domain, "attribute_to_prompts");
            HashSet<string> templates =
                [.. prompts.SelectMany(attribute => Keep(splits, [.. attribute.Value!.AsArray().Select(p => (string)p!)], s_templates))];
            foreach (KeyValuePair<string, JsonNode?> attribute in prompts.ToArray())
            {
                prompts[attribute.Key] = new JsonArray(
                    [.. attribute.Value!.AsArray().Select(p => (string)p!).Where(templates.Contains).Select(p => (JsonNode)p)]);
            }
            Write(domain, "attribute_to_prompts", prompts);
            Write(domain, "prompt_to_split", Only(splits, templates));
        }

        void Write(string domain, string name, JsonObject content) =>
            File.WriteAllText(Path.Combine(folder, $"ravel_{domain}_{name}.json"), content.ToJsonString());
    }

    private static JsonObject Read(string domain, string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(s_whole, $"ravel_{domain}_{name}.json")))!.AsObject();

    private static HashSet<string> Keep(JsonObject splits, string[] names, Dictionary<string, int> counts) =>
        [.. names.GroupBy(name => (string)splits[name]!).SelectMany(split => split.Take(counts[split.Key]))];

    private static JsonObject Only(JsonObject all, HashSet<string> kept) =>
        new(all.Where(e => kept.Contains(e.Key)).Select(e => KeyValuePair.Create(e.Key, e.Value?.DeepClone())));
}
