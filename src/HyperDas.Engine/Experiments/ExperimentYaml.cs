using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace HyperDas.Engine.Experiments;

/// <summary>Writes an experiment with every setting, including defaults. The same experiment gives the same text.</summary>
public static partial class ExperimentYaml
{
    private static readonly JsonSerializerOptions s_quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Texts that other YAML parsers would read as another type.
    private static readonly string[] s_words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

    /// <summary>The experiment as a document that describes one run.</summary>
    /// <param name="experiment">Every setting.</param>
    /// <param name="folder">Folder of the run: paths are written relative to it.</param>
    public static string Write(Experiment experiment, string folder)
    {
        StringBuilder text = new("# Every setting of a run, including defaults. Paths are relative to this file.\n");
        foreach (OptionKey key in SectionShape.Root.Own)
        {
            WriteKey(text, "", key, key.Property.GetValue(experiment));
        }
        foreach (SectionShape section in SectionShape.All)
        {
            WriteSection(text, section, experiment, folder);
        }
        return text.ToString();
    }

    /// <summary>One section alone, with unchanged paths.</summary>
    /// <param name="experiment">Every setting.</param>
    /// <param name="property">The section's property.</param>
    internal static string Section(Experiment experiment, string property)
    {
        StringBuilder text = new();
        WriteSection(text, SectionShape.All.Single(s => s.Property == property), experiment, folder: null);
        return text.ToString();
    }

    /// <summary>A value as a document writes it.</summary>
    internal static string Value(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => Text(text),
        Enum name => OptionKey.CamelCase(name.ToString()),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Value))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"Documents can't contain a {value.GetType()}."),
    };

    private static void WriteSection(StringBuilder text, SectionShape section, Experiment experiment, string? folder)
    {
        object own = typeof(Experiment).GetProperty(section.Property)!.GetValue(experiment)!;
        Enum? choice = section.Chooser is { } chooser ? (Enum)chooser.Property.GetValue(own)! : null;
        HashSet<OptionKey> keys = [.. section.KeysFor(choice)];
        text.Append(section.Name).Append(":\n");
        foreach (OptionKey key in section.Own.Where(keys.Contains))
        {
            object? value = key.Property.GetValue(own);
            WriteKey(text, "  ",
                key, folder is not null && value is string path && ExperimentPaths.IsPath(key) ? Relative(path, folder) : value);
        }
        foreach (SectionPart part in section.PartsFor(choice))
        {
            object? record = section.Record.GetProperty(part.Property)!.GetValue(own);
            foreach (OptionKey key in part.Keys)
            {
                WriteKey(text, "  ", key, key.Property.GetValue(record));
            }
        }
    }

    private static void WriteKey(StringBuilder text, string indent, OptionKey key, object? value) =>
        text.Append(indent).Append(key.Name).Append(": ")
            .Append(key.TakesAuto && value is MethodOptions.AutoLayer ? OptionKey.Auto : Value(value)).Append('\n');

    private static string Text(string text) =>
        Plain().IsMatch(text) && !s_words.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? text
            : JsonSerializer.Serialize(text, s_quoted);

    /// <summary>A path relative to a folder, with forward slashes, which every system understands.</summary>
    internal static string Relative(string path, string folder)
    {
        if (path.Length == 0)
        {
            return "";
        }
        string relative = Path.GetRelativePath(folder, path);
        return Path.DirectorySeparatorChar == '/' ? relative : relative.Replace(Path.DirectorySeparatorChar, '/');
    }

    [GeneratedRegex(@"^[A-Za-z_./](?:[A-Za-z0-9_./+ -]*[A-Za-z0-9_./+-])?$")]
    private static partial Regex Plain();
}
