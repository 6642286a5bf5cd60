using System.Text.Json;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>Reads members that may be missing.</summary>
internal static class Json
{
    /// <summary>A member, or null.</summary>
    internal static JsonElement? Child(JsonElement node, string key) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty(key, out JsonElement child) ? child : null;

    /// <summary>A member that is a text, or null.</summary>
    internal static string? Text(JsonElement node, string key) =>
        Child(node, key) is { ValueKind: JsonValueKind.String } child ? child.GetString() : null;

    /// <summary>Whether a member is true.</summary>
    internal static bool Flag(JsonElement node, string key) => Child(node, key) is { ValueKind: JsonValueKind.True };
}
