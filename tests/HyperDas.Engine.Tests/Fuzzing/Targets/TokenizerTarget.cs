using System.Text.Json.Nodes;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>A tokenizer's files, and texts through it, there and back.</summary>
internal sealed class TokenizerTarget : FuzzTarget
{
    private static readonly string[] s_texts =
        ["Vienna is in Austria.", "  1234 über 東京 🏙\r\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", TinyTokenizer.Bos];

    public TokenizerTarget()
    {
        string[] merges = ["i n", "Ġ i", "a a", "aa aa"];
        Seeds =
        [
            Files(TinyTokenizer.Json(merges)), Files(TinyTokenizer.Json(merges, Elaborate)), Files(TinySentencePiece.Json(Mark)),
            ModelFiles(), PlainFiles()
        ];
    }

    internal override string Name => "tokenizer";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; }

    internal override IReadOnlyList<string> Words =>
    [
        "ignore_merges", "byte_fallback", "dropout", "added_tokens", "content", "special", "id", "vocab", "merges", "Sequence", "Split",
        "Digits", "ByteLevel", "Regex", "NFC", "NFD",
        "normalizers", "bos_token", "eos_token", "bos_token_id", "Isolated", "Removed", "invert", @"\p{L}+", "(a+)+$", "(a|aa)*$",
        @"(?<x>a)\k<x>", "a{99999}", "(?!)", "Ġ", "a a", "in Ġi", "Ġin", "Metaspace", "Prepend", "Replace", "MergedWithNext", "lstrip",
        "rstrip", "single_word", "normalized", "fuse_unk", "unk_token", "TemplateProcessing",
    ];

    internal override void Read(string folder)
    {
        Tokenizer tokenizer = Tokenizer.Load(folder);
        foreach (string text in s_texts)
        {
            tokenizer.Decode(tokenizer.Encode(text));
            tokenizer.EncodeMarkedUp(text);
            tokenizer.EncodeWithOffsets(text);
        }
        for (int id = -1; id < Math.Min(tokenizer.VocabularySize, 400) + 1; id++)
        {
            tokenizer.TokenText(id);
            tokenizer.IsSpecial(id);
        }
        if (tokenizer.HasBos)
        {
            tokenizer.TokenText(tokenizer.BosId);
        }
    }

    private static FuzzFile[] ModelFiles()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.model"), TinySentencePiece.Model());
        folder.Write("tokenizer_config.json",
            """{"legacy": false, "add_bos_token": true, "bos_token": "<s>", "added_tokens_decoder": {"1": {"content": "<s>", "special": true} } }""");
        return FuzzFile.Of(folder.Path, FuzzFile.KindOf);
    }

    private static FuzzFile[] PlainFiles()
    {
        using TemporaryFolder folder = new();
        JsonNode model = JsonNode.Parse(TinyTokenizer.Json(["i n"]))!["model"]!;
        folder.Write("vocab.json", model["vocab"]!.ToJsonString());
        folder.Write("merges.txt", "#version: 0.2\ni n\n");
        folder.Write("tokenizer_config.json", """{"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<e>"}""");
        return FuzzFile.Of(folder.Path, FuzzFile.KindOf);
    }

    private static void Mark(JsonObject root) =>
        root["pre_tokenizer"] = JsonNode.Parse("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""");

    private static FuzzFile[] Files(string json)
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", json);
        folder.Write(
            "tokenizer_config.json", $$"""{"bos_token": "{{TinyTokenizer.Bos}}", "eos_token": {"content": "{{TinyTokenizer.Eos}}"} }""");
        folder.Write("config.json", """{"bos_token_id": 256, "eos_token_id": [257, 1]}""");
        return FuzzFile.Of(folder.Path, FuzzFile.KindOf);
    }

    private static void Elaborate(JsonObject root)
    {
        root["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "NFC" }) };
        root["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = @"\p{L}+|\p{N}{1,3}|\s+" }, ["behavior"] = "Isolated",
                    ["invert"] = false
                },
                new JsonObject { ["type"] = "Digits", ["individual_digits"] = true },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
        };
        root["post_processor"] = new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = TinyTokenizer.Bos } }),
        };
        root["model"]!["ignore_merges"] = true;
    }
}
