using System.Text.Json;
using System.Text.Json.Nodes;
using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Tests.Tokenization;

/// <summary>Builds small byte-level tokenizers: 256 byte tokens (id = byte), merges in the order given, then BOS and EOS.</summary>
internal static class TinyTokenizer
{
    internal const string Bos = "<|begin_of_text|>";
    internal const string Eos = "<|end_of_text|>";

    /// <summary>A loaded tokenizer; its folder is gone afterwards.</summary>
    internal static Tokenizer Build(string[] merges, Action<JsonObject>? change = null)
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", Json(merges, change));
        folder.Write("tokenizer_config.json", $$"""{"bos_token": "{{Bos}}", "eos_token": {"content": "{{Eos}}"} }""");
        return Tokenizer.Load(folder.Path);
    }

    /// <summary>The text of a <c>tokenizer.json</c>. Merges are plain text, e.g. <c>" V"</c> is written <c>"Ġ V"</c>.</summary>
    internal static string Json(string[] merges, Action<JsonObject>? change = null)
    {
        JsonObject vocabulary = [];
        for (int value = 0; value < 256; value++)
        {
            vocabulary[Spell((byte)value).ToString()] = value;
        }
        foreach (string merge in merges)
        {
            vocabulary[merge.Replace(" ", "")] = vocabulary.Count;
        }
        JsonObject root = new()
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(
                new JsonObject { ["id"] = vocabulary.Count, ["content"] = Bos, ["special"] = true },
                new JsonObject { ["id"] = vocabulary.Count + 1, ["content"] = Eos, ["special"] = true }),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(
                    new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = Bos, ["type_id"] = 0 } },
                    new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
            },
        };
        change?.Invoke(root);
        return root.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    // Written out here once more, so that a mistake in the engine's own table is found.
    private static char Spell(byte value)
    {
        int next = 256;
        for (int other = 0; other < 256; other++)
        {
            bool printable = other is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 and <= 255;
            if (other == value)
            {
                return (char)(printable ? value : next);
            }
            next += printable ? 0 : 1;
        }
        throw new InvalidOperationException();
    }
}
