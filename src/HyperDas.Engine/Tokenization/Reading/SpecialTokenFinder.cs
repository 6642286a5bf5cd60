using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>
/// Finds the tokens that begin and end a sequence: from <c>tokenizer_config.json</c>, then <c>special_tokens_map.json</c>, then
/// <c>config.json</c>, then (beginning only) the post-processor's template. Missing files are skipped.
/// </summary>
internal static class SpecialTokenFinder
{
    /// <param name="folder">The tokenizer's folder.</param>
    /// <param name="definition">Its tokens.</param>
    /// <param name="tokens">One more than its largest id.</param>
    /// <returns>Ids, −1 where the folder names none.</returns>
    /// <exception cref="HyperDasException"><c>TokenizerCorrupt</c>.</exception>
    internal static (int Bos, int Eos) Find(string folder, TokenizerDefinition definition, int tokens)
    {
        Dictionary<string, int> ids = definition.Ids();
        int bos = -1;
        int eos = -1;
        foreach (string name in (string[])["tokenizer_config.json", "special_tokens_map.json", "config.json"])
        {
            string path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                continue;
            }
            using JsonDocument document = StrictJson.OpenAny(path, "TokenizerCorrupt");
            bos = bos >= 0 ? bos : Id(document.RootElement, "bos_token", ids, path, tokens);
            eos = eos >= 0 ? eos : Id(document.RootElement, "eos_token", ids, path, tokens);
        }
        if (bos < 0 && definition.Template?.Before is [string template, ..] && ids.TryGetValue(template, out int templateId))
        {
            bos = templateId;
        }
        return (bos, eos);
    }

    private static int Id(JsonElement root, string key, Dictionary<string, int> ids, string path, int tokens)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return -1;
        }
        if (root.TryGetProperty(key, out JsonElement token))
        {
            if (token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement content))
            {
                token = content;
            }
            if (token.ValueKind == JsonValueKind.String && ids.TryGetValue(token.GetString()!, out int id))
            {
                return id;
            }
        }
        if (root.TryGetProperty(key + "_id", out JsonElement number))
        {
            // Instruction-tuned models list several end tokens; the first one ends a text.
            if (number.ValueKind == JsonValueKind.Array && number.GetArrayLength() > 0)
            {
                number = number[0];
            }
            if (number.ValueKind == JsonValueKind.Number)
            {
                return number.TryGetInt32(out int id) && id >= 0 && id < tokens ? id : throw new HyperDasException(
                    "TokenizerCorrupt", HyperDasErrorKind.InvalidData,
                    $"'{path}': '{key}_id' is {number.GetRawText()}; it must be from 0 to {tokens - 1}, the tokenizer's ids.", path);
            }
        }
        return -1;
    }
}
