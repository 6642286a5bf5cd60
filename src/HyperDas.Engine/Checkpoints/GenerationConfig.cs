using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Checkpoints;

/// <summary>Reads <c>generation_config.json</c>; instruction-tuned models name their second end token only there.</summary>
internal static class GenerationConfig
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "generation_config.json";

    /// <summary>The tokens that end a text; empty when the file is missing or names none.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="HyperDasException"><c>ModelConfigInvalid</c>.</exception>
    public static IReadOnlyList<int> EndTokens(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return [];
        }
        using JsonDocument document = StrictJson.Open(path, Families.ConfigReader.InvalidErrorId);
        if (!document.RootElement.TryGetProperty("eos_token_id", out JsonElement ends) || ends.ValueKind == JsonValueKind.Null)
        {
            return [];
        }
        JsonElement[] each = ends.ValueKind == JsonValueKind.Array ? [.. ends.EnumerateArray()] : [ends];
        return [.. each.Select(end => end.ValueKind == JsonValueKind.Number && end.TryGetInt32(out int id) && id >= 0
            ? id
            : throw new HyperDasException(
                Families.ConfigReader.InvalidErrorId, HyperDasErrorKind.InvalidData,
                $"'{path}': eos_token_id is {ends.GetRawText()}; it must be a token id or a list of token ids.", path))];
    }
}
