using System.Text;
using System.Text.Json.Nodes;

namespace HyperDas.Engine.Tests.Tokenization;

/// <summary>
/// A small SentencePiece vocabulary in both of its files: unknown, beginning, end, 256 bytes, pieces by score, characters.
/// </summary>
internal static class TinySentencePiece
{
    /// <summary>
    /// How pieces are made of two others, best first; written out manually, so that a mistake in the engine's rule is found.
    /// </summary>
    internal static readonly string[] Merges =
        ["i e", "n n", "▁ V", "nn a", "▁V ie", "▁Vie nna", "i s", "▁ is", "▁ A", "u s", "▁A us", "t r", "tr i", "▁Aus tri",
            "▁Austri a", "▁ ▁", "🏙 a"];

    private static readonly string[] s_characters = ["▁", "V", "i", "e", "n", "a", "s", "A", "u", "t", "r", "(", "🏙"];

    /// <summary>Number of tokens.</summary>
    internal static int Count => 259 + Merges.Length + s_characters.Length;

    /// <summary>Pieces with their scores and SentencePiece's types.</summary>
    internal static IEnumerable<(string Text, float Score, int Type)> Pieces() =>
    [
        ("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3),
        .. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0f, 6)),
        .. Merges.Select((merge, i) => (merge.Replace(" ", ""), -(float)i, 1)),
        .. s_characters.Select((character, i) => (character, -(float)(Merges.Length + i), 1)),
    ];

    /// <summary>A <c>tokenizer.json</c> in the frame of Llama-2's.</summary>
    internal static string Json(Action<JsonObject>? change = null)
    {
        JsonObject root = new()
        {
            ["added_tokens"] = new JsonArray([.. new[] { "<unk>", "<s>", "</s>" }.Select(
                (text, id) => (JsonNode)new JsonObject { ["id"] = id, ["content"] = text, ["special"] = true, ["normalized"] = false })]),
            ["normalizer"] = JsonNode.Parse(
                """{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}"""),
            ["pre_tokenizer"] = null,
            ["post_processor"] = JsonNode.Parse(
                """{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]}"""),
            ["decoder"] = JsonNode.Parse(
                """{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = "<unk>",
                ["fuse_unk"] = true,
                ["byte_fallback"] = true,
                ["vocab"] = new JsonObject(Pieces().Select((piece, id) => KeyValuePair.Create(piece.Text, (JsonNode?)id))),
                ["merges"] = new JsonArray([.. Merges.Select(merge => (JsonNode)merge)]),
            },
        };
        change?.Invoke(root);
        return root.ToJsonString();
    }

    /// <summary>A <c>tokenizer.model</c>.</summary>
    /// <param name="pieces">Its pieces; null: those of this class.</param>
    /// <param name="modelType">1 = unigram, 2 = BPE.</param>
    /// <param name="dummyPrefix">Whether a space is put before every text.</param>
    /// <param name="characterMap">A table that characters are mapped by.</param>
    /// <param name="removesSpaces">Whether extra white space is removed.</param>
    internal static byte[] Model(
        IEnumerable<(string Text, float Score, int Type)>? pieces = null, int modelType = 2, bool dummyPrefix = true,
        string characterMap = "", bool removesSpaces = false)
    {
        MemoryStream model = new();
        foreach ((string text, float score, int type) in pieces ?? Pieces())
        {
            MemoryStream piece = new();
            Bytes(piece, 1, Encoding.UTF8.GetBytes(text));
            piece.WriteByte((2 << 3) | 5);
            piece.Write(BitConverter.GetBytes(score));
            Number(piece, 3, type);
            Bytes(model, 1, piece.ToArray());
        }
        MemoryStream trainer = new(), normalizer = new();
        Number(trainer, 3, modelType);
        Number(trainer, 35, 1);
        Bytes(normalizer, 1, "identity"u8.ToArray());
        Bytes(normalizer, 2, Encoding.UTF8.GetBytes(characterMap));
        Number(normalizer, 3, dummyPrefix ? 1 : 0);
        Number(normalizer, 4, removesSpaces ? 1 : 0);
        Bytes(model, 2, trainer.ToArray());
        Bytes(model, 3, normalizer.ToArray());
        return model.ToArray();
    }

    private static void Number(MemoryStream message, int field, int value)
    {
        Varint(message, field << 3);
        Varint(message, value);
    }

    private static void Bytes(MemoryStream message, int field, byte[] content)
    {
        Varint(message, (field << 3) | 2);
        Varint(message, content.Length);
        message.Write(content);
    }

    private static void Varint(MemoryStream message, int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            message.WriteByte((byte)(value | 0x80));
        }
        message.WriteByte((byte)value);
    }
}
