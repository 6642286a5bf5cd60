using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Tokenization;

public sealed class TokenizerFilesTests
{
    private static readonly string[] s_merges = ["V i", "e n", "Vi en", "Ġ i", "Ġi n", "n a", "1 2"];

    [Fact]
    public void Vocabulary_and_merges_by_themselves_are_GPT2s_tokenizer()
    {
        using TemporaryFolder folder = Files(
            """{"bos_token": "<|begin|>", "eos_token": {"content": "<|end|>"}, "tokenizer_class": "GPT2Tokenizer"}""");

        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal(TinyTokenizer.Build(s_merges).Encode("Vienna in 1234"), tokenizer.Encode("Vienna in 1234"));
        Assert.Equal((256 + s_merges.Length, 257 + s_merges.Length), (tokenizer.BosId, tokenizer.EosId));
        Assert.True(tokenizer.IsSpecial(tokenizer.EosId));
        Assert.Empty(tokenizer.Prefix.Ids);
    }

    [Fact]
    public void Qwens_class_composes_and_takes_digits_one_by_one()
    {
        using TemporaryFolder folder = Files(
            """{"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": {"300": {"content": "<|im_end|>", "special": true}, "301": {"content": "<think>", "special": false} } }""");

        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal(["1", "2"], tokenizer.Encode("12").Select(tokenizer.TokenText));
        Assert.Equal(tokenizer.Encode("é"), tokenizer.Encode("e\u0301"));
        Assert.Equal([301], tokenizer.Encode("<think>"));
        Assert.Equal([300], tokenizer.EncodeMarkedUp("<|im_end|>"));
    }

    [Fact]
    public void Listed_added_tokens_keep_their_ids()
    {
        using TemporaryFolder folder = Files("""{"eos_token": "<|end|>"}""");
        folder.Write("added_tokens.json", """{"<|end|>": 400}""");

        Assert.Equal(400, Tokenizer.Load(folder.Path).EosId);
    }

    [Fact]
    public void The_converted_file_decides_where_several_are_there()
    {
        using TemporaryFolder folder = Files("{}");
        folder.Write("tokenizer.json", TinyTokenizer.Json([]));
        folder.Write("tokenizer.model", "no model");

        Assert.Equal(6, Tokenizer.Load(folder.Path).Encode("Vienna").Length);
    }

    [Theory]
    [InlineData("merges.txt", "PathNotFound", null)]
    [InlineData("merges.txt", "TokenizerCorrupt", "#version: 0.2\nV i e\n")]
    [InlineData("merges.txt", "TokenizerCorrupt", "V W\n")]
    [InlineData("vocab.json", "TokenizerUnsupported", "{\"a\": 0}")]
    [InlineData("vocab.json", "TokenizerCorrupt", "[]")]
    [InlineData("vocab.json", "FileIsPointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")]
    [InlineData("merges.txt", "FileIsPointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")]
    public void Files_that_do_not_fit_are_named(string name, string errorId, string? content)
    {
        using TemporaryFolder folder = Files("{}");
        File.Delete(Path.Combine(folder.Path, name));
        _ = content is null ? null : folder.Write(name, content);

        HyperDasException error = Assert.Throws<HyperDasException>(() => Tokenizer.Load(folder.Path));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(folder.Path, error.Message);
    }

    [Fact]
    public void A_byte_order_mark_before_the_merges_is_passed_over()
    {
        using TemporaryFolder folder = Files("{}");
        string merges = Path.Combine(folder.Path, "merges.txt");
        File.WriteAllText(merges, "\uFEFF" + File.ReadAllText(merges));

        Assert.Equal(TinyTokenizer.Build(s_merges).Encode("Vienna"), Tokenizer.Load(folder.Path).Encode("Vienna"));
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer.model")]
    [InlineData("tokenizer_config.json")]
    public void A_pointer_in_place_of_a_tokenizer_is_recognised(string name)
    {
        using TemporaryFolder folder = Files("{}");
        folder.Write(name,
            "version https://git-lfs.github.com/spec/v1\noid sha256:9e556afd44213b6bd1be2b850ebbbd98f5481437a8021afaf58ee7fb1818d347\nsize 9085657\n");

        HyperDasException error = Assert.Throws<HyperDasException>(() => Tokenizer.Load(folder.Path));

        Assert.Equal("FileIsPointer", error.ErrorId);
        Assert.Contains("git lfs pull", error.Message);
    }

    [Fact]
    public void Another_kind_of_tokenizer_is_named()
    {
        using TemporaryFolder folder = new();
        folder.Write("tekken.json", "{}");

        HyperDasException error = Assert.Throws<HyperDasException>(() => Tokenizer.Load(folder.Path));

        Assert.Equal("TokenizerUnsupported", error.ErrorId);
        Assert.Contains("Tekken", error.Message);
    }

    [Fact]
    public void Another_spelling_of_the_same_tokenizer_is_the_same_tokenizer()
    {
        Tokenizer original = TinyTokenizer.Build(s_merges);
        Tokenizer[] respelled =
        [
            TinyTokenizer.Build(s_merges, root => root["model"]!["merges"] = new JsonArray(
                [.. s_merges.Select(merge => (JsonNode)new JsonArray([.. merge.Split(' ').Select(part => (JsonNode)part)]))])),
            TinyTokenizer.Build(s_merges, root => root["truncation"] = JsonNode.Parse("""{"max_length": 4}""")),
            TinyTokenizer.Build(s_merges, root => root["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": []}""")),
            TinyTokenizer.Build(s_merges, root => root["decoder"] = JsonNode.Parse("""{"type": "ByteLevel"}""")),
            TinyTokenizer.Build(s_merges, root => root["added_tokens"] = new JsonArray(
                [.. root["added_tokens"]!.AsArray().Reverse().Select(token => token!.DeepClone())])),
        ];

        Assert.All(respelled, tokenizer => Assert.NotEqual(original.FileHash, tokenizer.FileHash));
        Assert.All(respelled, tokenizer => Assert.True(original.IsSame(tokenizer.Fingerprint)));
        Assert.True(original.IsSame(original.FileHash));
    }

    [Fact]
    public void What_changes_ids_makes_it_another_tokenizer()
    {
        Tokenizer original = TinyTokenizer.Build(s_merges);
        Tokenizer[] others =
        [
            TinyTokenizer.Build([.. s_merges.Reverse()]),
            TinyTokenizer.Build(s_merges, root => root["normalizer"] = JsonNode.Parse("""{"type": "NFC"}""")),
            TinyTokenizer.Build(s_merges, root => root["post_processor"] = null),
            TinyTokenizer.Build(s_merges, root => root["added_tokens"]![0]!["lstrip"] = true),
            TinyTokenizer.Build(s_merges, root => root["pre_tokenizer"]!["use_regex"] = false),
            TinyTokenizer.Build(s_merges, root => root["model"]!["ignore_merges"] = true),
        ];

        Assert.All(others, tokenizer => Assert.False(original.IsSame(tokenizer.Fingerprint)));
    }

    private static TemporaryFolder Files(string config)
    {
        TemporaryFolder folder = new();
        using JsonDocument whole = JsonDocument.Parse(TinyTokenizer.Json(s_merges));
        folder.Write("vocab.json", whole.RootElement.GetProperty("model").GetProperty("vocab").GetRawText());
        folder.Write("merges.txt", new StringBuilder("#version: 0.2\n").AppendJoin('\n', s_merges).Append('\n').ToString());
        folder.Write("tokenizer_config.json", config);
        return folder;
    }
}
