using System.Security.Cryptography;
using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Reads the benchmark's own files, five for each domain (docs/methods.md#files-and-splits), and this project's two description files if
/// they exist. File order is kept, texts are taken literally, and entity names are case-sensitive.
/// </summary>
/// <remarks>Oddities of the official files (docs/methods.md#oddities-of-the-official-files) and their treatment: empty gold values are kept
/// and count as unknown facts; an attribute without any gold value (<c>Gender Bias</c>) keeps its templates but isn't listed among the
/// attributes; a template repeated in the Wikipedia file asks for an attribute, so it isn't a distractor but is listed
/// separately.</remarks>
public static class RavelReader
{
    private const string EntityFile = "ravel_{0}_entity_attributes.json";

    /// <summary>The domains whose files a folder contains, in alphabetical order.</summary>
    /// <param name="folder">Folder with the benchmark's files.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>.</exception>
    public static IReadOnlyList<string> Domains(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"The folder '{folder}' doesn't exist.", folder);
        }
        string[] around = EntityFile.Split("{0}");
        return
        [
            .. Directory.EnumerateFiles(folder, string.Format(EntityFile, "*"))
                .Select(path => Path.GetFileName(path)[around[0].Length..^around[1].Length])
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The domains of a folder, of which there must be at least one.</summary>
    /// <param name="folder">Folder with the benchmark's files.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>; <c>DatasetNotFound</c>: it holds nothing that can be read, though perhaps a
    /// folder in it does.</exception>
    public static IReadOnlyList<string> DomainsOrThrow(string folder)
    {
        IReadOnlyList<string> exist = Domains(folder);
        if (exist.Count > 0)
        {
            return exist;
        }
        folder = Path.GetFullPath(folder);
        string[] inside = [.. Directory.EnumerateDirectories(folder).Where(HasData).Order(StringComparer.Ordinal).Take(3)];
        string where = inside.Length > 0
            ? $" It contains data in {string.Join(", ", inside.Select(f => $"'{f}'"))}."
            : Strange(folder) ?? " Save-RavelDataset downloads the benchmark's files.";
        throw new HyperDasException(
            "DatasetNotFound", HyperDasErrorKind.NotFound,
            $"The folder '{folder}' contains no data: neither RAVEL's files ({string.Format(EntityFile, "<domain>")} and four more) nor a Hugging Face dataset (dataset_info.json).{where}",
            folder);
    }

    private static string? Strange(string folder) =>
        First(folder, "*.arrow") is { } arrow
            ? $" It has {arrow}, but not dataset_info.json and state.json: copy the whole folder written by save_to_disk."
        : First(folder, "*.parquet") is { } parquet
            ? $" It has {parquet}, and Parquet isn't supported: load it with Hugging Face datasets and use save_to_disk."
        : null;

    // In the folder, or in "data", where Hugging Face keeps a published dataset's files.
    private static string? First(string folder, string pattern) => new[] { "", "data" }
        .Where(inside => Directory.Exists(Path.Combine(folder, inside)))
        .SelectMany(inside => Directory.EnumerateFiles(Path.Combine(folder, inside), pattern).Order(StringComparer.Ordinal)
            .Select(file => Path.Combine(inside, Path.GetFileName(file))))
        .FirstOrDefault();

    /// <summary>Reads one domain.</summary>
    /// <param name="folder">Folder with the benchmark's files.</param>
    /// <param name="domain">Domain, e.g. <c>city</c>.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>DomainNotFound</c> or <c>RavelFileCorrupt</c>.</exception>
    public static RavelDomain Read(string folder, string domain)
    {
        folder = Path.GetFullPath(folder);
        IReadOnlyList<string> exist = Domains(folder);
        if (!exist.Contains(domain))
        {
            string names = exist.Count == 0 ? $"no file named {string.Format(EntityFile, "<domain>")}" : string.Join(", ", exist);
            throw new HyperDasException(
                "DomainNotFound", HyperDasErrorKind.NotFound, $"The folder '{folder}' has no domain '{domain}'; it has {names}.", domain);
        }
        List<RavelEntity> entities = ReadEntities(folder, domain);
        (List<string> attributes, List<RavelTemplate> templates) = ReadTemplates(folder, domain);
        HashSet<string> asking = [.. templates.Select(template => template.Text)];
        HashSet<string> known =
            [.. entities.SelectMany(entity => entity.Values).Where(value => value.Value.Length > 0).Select(value => value.Key)];
        ILookup<bool, RavelDistractor> distractors = ReadDistractors(folder, domain, entities)
            .ToLookup(distractor => asking.Contains(distractor.Text));
        // Arrays, because PowerShell can copy them into a list, unlike an anonymous read-only list.
        return new RavelDomain(
            domain, folder, attributes.Where(known.Contains).ToArray(), entities, templates, distractors[false].ToArray())
        {
            RepeatedTemplates = distractors[true].ToArray(),
            Descriptions = RavelDescriptionReader.Read(folder, domain, attributes),
            SourceFiles = FileNames(domain).Concat(RavelDescriptionReader.FileNames(domain).Where(name => File.Exists(
                Path.Combine(folder, name)))).Select(name => new RavelSourceFile(name, Sha256(Path.Combine(folder, name)))).ToArray(),
        };
    }

    private static bool HasData(string folder)
    {
        try
        {
            return ArrowDatasetReader.IsDataset(folder) || Domains(folder).Count > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Names of a domain's five files.</summary>
    /// <param name="domain">Domain, e.g. <c>city</c>.</param>
    public static IReadOnlyList<string> FileNames(string domain) =>
    [
        string.Format(EntityFile, domain), $"ravel_{domain}_entity_to_split.json", $"ravel_{domain}_attribute_to_prompts.json",
        $"ravel_{domain}_prompt_to_split.json", $"wikipedia_{domain}_entity_prompts.json",
    ];

    private static string Sha256(string path) =>
        Convert.ToHexStringLower(SHA256.HashData(WholeFile.Read(path, StrictJson.MaxBytes, RavelFileError.Id)));

    private static List<RavelEntity> ReadEntities(string folder, string domain)
    {
        string path = Path.Combine(folder, string.Format(EntityFile, domain));
        string splitPath = Path.Combine(folder, $"ravel_{domain}_entity_to_split.json");
        using JsonDocument facts = Open(path);
        Dictionary<string, RavelSplit> splits = ReadSplits(splitPath);
        List<RavelEntity> entities = [];
        foreach (JsonProperty entity in facts.RootElement.EnumerateObject())
        {
            if (entity.Name.Length == 0)
            {
                throw RavelFileError.Corrupt(path, entity.Name, "an entity needs a name");
            }
            if (!splits.TryGetValue(entity.Name, out RavelSplit split))
            {
                throw RavelFileError.Corrupt(splitPath, entity.Name, $"the entity of {Path.GetFileName(path)} is missing");
            }
            if (entity.Value.ValueKind != JsonValueKind.Object)
            {
                throw RavelFileError.Corrupt(path, entity.Name, "it must be an object of attributes and values");
            }
            Dictionary<string, string> values = new(StringComparer.Ordinal);
            foreach (JsonProperty value in entity.Value.EnumerateObject())
            {
                values[value.Name] = value.Value.ValueKind == JsonValueKind.String
                    ? value.Value.GetString()!
                    : throw RavelFileError.Corrupt(path, $"{entity.Name}.{value.Name}", "a value must be a string");
            }
            entities.Add(new RavelEntity(entity.Name, split, values));
        }
        return entities;
    }

    private static (List<string> Attributes, List<RavelTemplate> Templates) ReadTemplates(string folder, string domain)
    {
        string path = Path.Combine(folder, $"ravel_{domain}_attribute_to_prompts.json");
        string splitPath = Path.Combine(folder, $"ravel_{domain}_prompt_to_split.json");
        using JsonDocument prompts = Open(path);
        Dictionary<string, RavelSplit> splits = ReadSplits(splitPath);
        List<string> attributes = [];
        List<RavelTemplate> templates = [];
        foreach (JsonProperty attribute in prompts.RootElement.EnumerateObject())
        {
            attributes.Add(attribute.Name);
            if (attribute.Value.ValueKind != JsonValueKind.Array)
            {
                throw RavelFileError.Corrupt(path, attribute.Name, "it must be a list of templates");
            }
            foreach (JsonElement item in attribute.Value.EnumerateArray())
            {
                string text = item.ValueKind == JsonValueKind.String
                    ? CheckedTemplate(path, item.GetString()!)
                    : throw RavelFileError.Corrupt(path, attribute.Name, "a template must be a string");
                templates.Add(splits.TryGetValue(text, out RavelSplit split)
                    ? new RavelTemplate(text, attribute.Name, split)
                    : throw RavelFileError.Corrupt(splitPath, text, $"the template of {Path.GetFileName(path)} is missing"));
            }
        }
        return (attributes, templates);
    }

    private static List<RavelDistractor> ReadDistractors(string folder, string domain, List<RavelEntity> entities)
    {
        string path = Path.Combine(folder, $"wikipedia_{domain}_entity_prompts.json");
        using JsonDocument prompts = Open(path);
        HashSet<string> names = [.. entities.Select(entity => entity.Name)];
        List<RavelDistractor> distractors = [];
        foreach (JsonProperty prompt in prompts.RootElement.EnumerateObject())
        {
            string text = CheckedTemplate(path, prompt.Name);
            if (prompt.Value.ValueKind != JsonValueKind.Object || !prompt.Value.TryGetProperty("split", out JsonElement split)
                || !prompt.Value.TryGetProperty("entity", out JsonElement entity)
                || entity.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            {
                throw RavelFileError.Corrupt(path, text, "it must be an object with \"split\" and \"entity\" (a name or null)");
            }
            string? name = entity.GetString();
            if (name is not null && !names.Contains(name))
            {
                throw RavelFileError.Corrupt(path, text, $"the domain has no entity '{name}'");
            }
            distractors.Add(new RavelDistractor(text, name, ParseSplit(path, text, split)));
        }
        return distractors;
    }

    private static Dictionary<string, RavelSplit> ReadSplits(string path)
    {
        using JsonDocument document = Open(path);
        return document.RootElement.EnumerateObject().ToDictionary(
            entry => entry.Name, entry => ParseSplit(path, entry.Name, entry.Value), StringComparer.Ordinal);
    }

    internal static RavelSplit ParseSplit(string path, string key, JsonElement value) =>
        (value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()) switch
        {
            "train" => RavelSplit.Train,
            "val" => RavelSplit.Val,
            "test" => RavelSplit.Test,
            string other => throw RavelFileError.Corrupt(path, key, $"the split '{other}' isn't one of train, val, test"),
            null => throw RavelFileError.Corrupt(path, key, "the split isn't one of train, val, test"),
        };

    private static string CheckedTemplate(string path, string text) =>
        TemplateSlot.IsTemplate(text) ? text : throw RavelFileError.Corrupt(
            path, text, $"a template must have exactly one {TemplateSlot.Mark}");

    private static JsonDocument Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound,
                $"The file '{path}' doesn't exist; a domain of the benchmark has five files.", path);
        }
        return StrictJson.Open(path, RavelFileError.Id);
    }
}
