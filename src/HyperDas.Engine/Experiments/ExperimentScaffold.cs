using System.Text;
using System.Text.Json;
using HyperDas.Engine.Experiments.Yaml;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments;

/// <summary>Writes a document to start from: required values are set; every other key is a comment with its default.</summary>
public static class ExperimentScaffold
{
    /// <summary>Name of the schema that editors look for in the document's folder.</summary>
    public const string SchemaFile = "hyperdas.schema.json";

    private const int LineLength = 120;

    /// <summary>Writes a document and, unless it exists, the schema in the same folder.</summary>
    /// <param name="file">Absolute file; an existing one is replaced.</param>
    /// <param name="target">Absolute folder of the target model, or its ID in Hugging Face's cache.</param>
    /// <param name="data">Absolute folder with RAVEL's files.</param>
    /// <param name="domains">Domains; empty for all in the folder.</param>
    /// <param name="method">The method.</param>
    /// <param name="layer">Intervention layer ℓ.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(string file, string target, string data, IReadOnlyList<string> domains, InterpreterMethod method, int layer)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        Dictionary<string, object> given = new()
        {
            ["target.path"] = Path.IsPathFullyQualified(target) ? ExperimentYaml.Relative(target, folder) : target,
            ["data.path"] = ExperimentYaml.Relative(data, folder),
            ["method.name"] = method,
            ["method.layer"] = layer,
        };
        if (domains.Count > 0)
        {
            given["data.domains"] = domains;
        }
        byte[] text = Encoding.UTF8.GetBytes(Text(given));
        AtomicFile.Write(file, stream => stream.Write(text));
        string schema = Path.Combine(folder, SchemaFile);
        if (!File.Exists(schema))
        {
            AtomicFile.Write(schema, stream =>
            {
                using Stream own = Schema();
                own.CopyTo(stream);
            });
        }
    }

    private static string Text(Dictionary<string, object> given)
    {
        using Stream schema = Schema();
        using JsonDocument document = JsonDocument.Parse(schema);
        JsonElement properties = document.RootElement.GetProperty("properties");
        Experiment defaults = Defaults(given);
        StringBuilder text = new($"# yaml-language-server: $schema={SchemaFile}\n");
        Comment(text, "",
            "An experiment: Test-HyperDasExperiment checks it, Invoke-HyperDasExperiment runs it. Paths are relative to this file. Keys in comments show their defaults.");
        foreach (OptionKey key in SectionShape.Root.Own.Where(k => k.Name != "name"))
        {
            Comment(text, "", Description(properties, key.Name));
            text.Append($"# {key.Name}: {ExperimentYaml.Value(key.Property.GetValue(defaults))}\n");
        }
        foreach (SectionShape section in SectionShape.All)
        {
            object own = typeof(Experiment).GetProperty(section.Property)!.GetValue(defaults)!;
            Enum? choice = section.Chooser is { } chooser ? (Enum)chooser.Property.GetValue(own)! : null;
            // A section with only commented keys must be commented too: it would be null.
            bool any = given.Keys.Any(k => k.StartsWith(section.Name + ".", StringComparison.Ordinal));
            text.Append('\n');
            Comment(text, "", Description(properties, section.Name));
            text.Append(any ? "" : "# ").Append(section.Name).Append(":\n");
            foreach (OptionKey key in section.KeysFor(choice))
            {
                object record = section.Own.Contains(key)
                    ? own
                    : section.Record.GetProperty(section.PartsFor(choice).First(p => p.Keys.Contains(key)).Property)!.GetValue(own)!;
                string indent = any ? "  " : "#   ";
                Comment(text, any ? "  " : "", Description(properties.GetProperty(section.Name).GetProperty("properties"), key.Name));
                text.Append(given.TryGetValue($"{section.Name}.{key.Name}", out object? value)
                    ? $"{indent}{key.Name}: {ExperimentYaml.Value(value)}\n"
                    : $"{(any ? "  # " : "#   ")}{key.Name}: {ExperimentYaml.Value(Shown(section, key, record))}\n");
            }
        }
        text.Append('\n');
        Comment(text, "", Description(properties, SectionShape.SweepKey));
        text.Append("# sweep:\n#   seed: [1, 2, 3]\n");
        return text.ToString();
    }

    // The default of the output path depends on the document's name.
    private static object? Shown(SectionShape section, OptionKey key, object record) =>
        section.Property == nameof(Experiment.Outputs) && key.Name == "path" ? "runs/name" : key.Property.GetValue(record);

    private static Experiment Defaults(Dictionary<string, object> given)
    {
        YamlMark here = new("", 1, 1);
        YamlMap root = new(here, []);
        foreach ((string key, object value) in given)
        {
            root = SetOverrides.Put(root, key, here, YamlTree.Read(ExperimentYaml.Value(value), here, [])!);
        }
        return ExperimentBinder.Bind(root, new IssueList()).Experiment;
    }

    private static string Description(JsonElement properties, string key) =>
        properties.GetProperty(key).GetProperty("description").GetString()!;

    private static void Comment(StringBuilder text, string indent, string words)
    {
        string line = "";
        foreach (string word in words.Split(' '))
        {
            if (line.Length > 0 && indent.Length + line.Length + word.Length + 3 > LineLength)
            {
                text.Append(indent).Append("# ").Append(line).Append('\n');
                line = "";
            }
            line += line.Length > 0 ? " " + word : word;
        }
        text.Append(indent).Append("# ").Append(line).Append('\n');
    }

    private static Stream Schema() => typeof(ExperimentScaffold).Assembly.GetManifestResourceStream(SchemaFile)
        ?? throw new InvalidOperationException("The engine was built without its schema.");
}
