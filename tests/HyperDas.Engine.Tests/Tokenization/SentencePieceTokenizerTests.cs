using System.Text.Json;
using System.Text.Json.Nodes;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Tokenization;

public sealed class SentencePieceTokenizerTests
{
    private static readonly string[] s_texts =
        ["", "Vienna is", " Vienna", "Vienna  is ", "(Austria)", "naïve\n\nna 🏙a🏙", "<s>Vienna</s> is", "▁is", "一二 is"];

    [Theory]
    [InlineData("Vienna is", "▁Vienna ▁is")]
    [InlineData(" is", "▁ ▁is")]
    [InlineData("(Austria", "▁ ( A us tri a")]
    [InlineData("aé", "▁ a <0xC3> <0xA9>")]
    [InlineData("🏙a", "▁ 🏙a")]
    [InlineData("\n", "▁ <0x0A>")]
    public void Words_have_their_mark_and_missing_characters_are_bytes(string text, string tokens)
    {
        Tokenizer tokenizer = Build();

        Assert.Equal(Ids(tokens), tokenizer.Encode(text));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void A_continuation_has_no_mark_that_nobody_wrote()
    {
        Tokenizer tokenizer = Build();

        Assert.Equal(Ids("▁Austria"), tokenizer.EncodeContinuation(" Austria"));
        Assert.Equal(Ids("A us tri a"), tokenizer.EncodeContinuation("Austria"));
        Assert.Equal(" Austria", tokenizer.DecodeContinuation(Ids("▁Austria")));
    }

    [Fact]
    public void Prompt_and_continuation_are_the_tokens_of_the_whole()
    {
        Tokenizer tokenizer = Build();

        Assert.Equal(
            tokenizer.Encode("Vienna is Austria"), (int[])[.. tokenizer.Encode("Vienna is"), .. tokenizer.EncodeContinuation(" Austria")]);
    }

    [Fact]
    public void Offsets_follow_the_text_and_its_mark_stands_for_the_first_character()
    {
        Tokenizer tokenizer = Build();

        Assert.Equal([(0, 6), (6, 9), (9, 10), (9, 10)], tokenizer.EncodeWithOffsets("Vienna isé").Select(span => (span.Start, span.End)));
        Assert.Equal([(0, 1), (0, 1), (1, 3)], tokenizer.EncodeWithOffsets("(🏙").Select(span => (span.Start, span.End)));
    }

    [Fact]
    public void Single_tokens_are_shown_with_their_spaces_and_bytes_by_name()
    {
        Tokenizer tokenizer = Build();

        Assert.Equal([" Vienna", "<0xC3>", "\n", "<s>", "🏙a"], Ids("▁Vienna <0xC3> <0x0A> <s> 🏙a").Select(tokenizer.TokenText));
    }

    [Fact]
    public void Without_bytes_neighbouring_missing_characters_are_one_unknown_token()
    {
        Tokenizer tokenizer = Build(root => root["model"]!["byte_fallback"] = false);

        Assert.Equal(Ids("▁ a <unk> a <unk>"), tokenizer.Encode("a一二a三"));
        Assert.Equal([(0, 1), (0, 1), (1, 3), (3, 4), (4, 5)], tokenizer.EncodeWithOffsets("a一二a三").Select(span => (span.Start, span.End)));
    }

    [Theory]
    [InlineData("first", false, "is<s>is", "▁is <s> is")]
    [InlineData("always", false, "is<s>is", "▁is <s> ▁is")]
    [InlineData("never", false, "is<s>is", "is <s> is")]
    [InlineData("first", false, " is", "▁is")]
    [InlineData("always", true, "is  is", "▁is ▁ ▁is")]
    public void Metaspace_puts_its_mark_where_the_file_says(string scheme, bool split, string text, string tokens)
    {
        Tokenizer tokenizer = Build(root =>
        {
            root["normalizer"] = null;
            root["pre_tokenizer"] =
                new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = scheme, ["split"] = split };
        });

        Assert.Equal(Ids(tokens), tokenizer.EncodeMarkedUp(text));
    }

    [Fact]
    public void The_model_file_alone_gives_what_the_converted_file_gives()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.model"), TinySentencePiece.Model());
        folder.Write("tokenizer_config.json", """{"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>"}""");

        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        Tokenizer converted = Build();
        foreach (string text in s_texts)
        {
            Assert.Equal(converted.EncodeWithOffsets(text, readsSpecial: true), tokenizer.EncodeWithOffsets(text, readsSpecial: true));
            Assert.Equal(converted.Decode(converted.Encode(text)), tokenizer.Decode(tokenizer.Encode(text)));
        }
        Assert.Equal([1], tokenizer.Prefix.Ids);
        Assert.Equal(2, tokenizer.EosId);
        Assert.Equal(converted.Fingerprint, tokenizer.Fingerprint);
    }

    [Fact]
    public void The_model_file_of_a_family_without_mark_before_texts_puts_none()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.model"), TinySentencePiece.Model(dummyPrefix: false));
        folder.Write("tokenizer_config.json", """{"tokenizer_class": "GemmaTokenizer", "bos_token": "<s>"}""");

        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal(Ids("is ▁is"), tokenizer.Encode("is is"));
        Assert.Equal("is is", tokenizer.Decode(tokenizer.Encode("is is")));
        Assert.Equal([1], tokenizer.Prefix.Ids);
    }

    public static TheoryData<string, string, byte[]> Refused => new()
    {
        { "TokenizerUnsupported", "unigram", TinySentencePiece.Model(modelType: 1) },
        { "TokenizerUnsupported", "table", TinySentencePiece.Model(characterMap: "abc") },
        { "TokenizerUnsupported", "white space", TinySentencePiece.Model(removesSpaces: true) },
        { "TokenizerCorrupt", "unknown", TinySentencePiece.Model([("a", 0, 1)]) },
        { "TokenizerCorrupt", "twice", TinySentencePiece.Model([("<unk>", 0, 2), ("a", 0, 1), ("a", 0, 1)]) },
        { "TokenizerCorrupt", "ends in the middle", TinySentencePiece.Model()[..^1] },
        { "TokenizerCorrupt", "pieces", [] },
        { "TokenizerCorrupt", "SentencePiece", [.. "no model at all"u8] },
        { "TokenizerUnsupported", "tiktoken", [.. "IQ== 0\nIg== 1\nIw== 2\n"u8] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_model_file_that_would_give_other_tokens_is_refused(string errorId, string word, byte[] content)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.model"), content);

        HyperDasException error = Assert.Throws<HyperDasException>(() => Tokenizer.Load(folder.Path));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(word, error.Message);
        Assert.Contains("tokenizer.model", error.Message);
    }

    [SkippableFact]
    public void A_published_vocabulary_as_a_model_file_gives_the_reference_ids()
    {
        string source = SharedData.Require("golden-families", "tokenizers", "mistral");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(source, "tokenizer.json")));
        // Scores fall with the ids, but for runs of marks, which this vocabulary puts behind all others.
        (string Text, float Score, int Type)[] pieces =
        [
            .. json.RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject().OrderBy(token => token.Value.GetInt32())
                .Select((token, id) => (token.Name, token.Name.Trim('▁').Length == 0 ? -1e9f : id < 259 ? 0f : 259f - id, id == 0
                    ? 2
                    : id < 3 ? 3 : id < 259 ? 6 : 1)),
        ];
        using TemporaryFolder folder = new();
        File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.model"), TinySentencePiece.Model(pieces));

        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(source, "golden.json")));
        foreach (JsonElement row in golden.RootElement.EnumerateArray())
        {
            Assert.Equal(row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), tokenizer.EncodeMarkedUp(row.GetProperty(
                "text").GetString()!));
        }
    }

    private static Tokenizer Build(Action<JsonObject>? change = null)
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", TinySentencePiece.Json(change));
        return Tokenizer.Load(folder.Path);
    }

    private static int[] Ids(string tokens)
    {
        List<string> pieces = [.. TinySentencePiece.Pieces().Select(piece => piece.Text)];
        return [.. tokens.Split(' ').Select(token => pieces.IndexOf(token))];
    }
}
