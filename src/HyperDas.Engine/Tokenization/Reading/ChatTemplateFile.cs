using System.Text;
using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>
/// Finds a folder's chat template: <c>chat_template.jinja</c>, <c>chat_template.json</c>, or in <c>tokenizer_config.json</c>.
/// </summary>
internal static class ChatTemplateFile
{
    private const long MostBytes = 1 << 20;

    /// <summary>The template of a folder that has a file for it; null without one.</summary>
    /// <param name="folder">The tokenizer's folder.</param>
    /// <exception cref="HyperDasException"><c>TokenizerCorrupt</c>.</exception>
    internal static string? Read(string folder)
    {
        string text = Path.Combine(folder, "chat_template.jinja"), json = Path.Combine(folder, "chat_template.json");
        if (File.Exists(text))
        {
            StandIn.ThrowIfPointer(text);
            return Encoding.UTF8.GetString(WholeFile.Read(text, MostBytes, "TokenizerCorrupt")).TrimStart('\uFEFF');
        }
        if (!File.Exists(json))
        {
            return null;
        }
        StandIn.ThrowIfPointer(json);
        using JsonDocument document = StrictJson.Open(json, "TokenizerCorrupt");
        return document.RootElement.TryGetProperty("chat_template", out JsonElement template) ? Of(template) : "";
    }

    /// <summary>The template of a JSON value: a text, or a list of named ones, of which <c>default</c> is used.</summary>
    /// <param name="value">The value.</param>
    internal static string? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array => value.EnumerateArray()
            .Where(entry => entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("name", out JsonElement name)
                && name.ValueEquals("default"))
            .Select(entry => entry.TryGetProperty("template", out JsonElement template) && template.ValueKind == JsonValueKind.String
                ? template.GetString()!
                : "").FirstOrDefault(""),
        _ => "",
    };
}
