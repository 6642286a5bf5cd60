using System.Text.Json.Nodes;
using HyperDas.Engine.Tokenization;
using HyperDas.Engine.Tokenization.Steps;
using Xunit;

namespace HyperDas.Engine.Tests.Tokenization;

public sealed class TokenizerTests
{
    private static readonly string[] s_merges = ["V i", "e n", "Vi en", "Ġ i", "Ġi n", "n a"];

    [Fact]
    public void Merges_apply_best_first_and_never_cross_a_piece()
    {
        Tokenizer tokenizer = TinyTokenizer.Build(s_merges);

        int[] ids = tokenizer.Encode("Vienna in");

        Assert.Equal(["Vien", "na", " in"], ids.Select(tokenizer.TokenText));
    }

    [Fact]
    public void Nothing_is_added_before_or_after_a_text()
    {
        Tokenizer tokenizer = TinyTokenizer.Build(s_merges);

        Assert.Empty(tokenizer.Encode(""));
        Assert.DoesNotContain(tokenizer.BosId, tokenizer.Encode("Vienna"));
    }

    [Theory]
    [InlineData("<|begin_of_text|>")]
    [InlineData("a<|end_of_text|>b")]
    public void Special_tokens_typed_by_a_user_are_plain_text(string text)
    {
        Tokenizer tokenizer = TinyTokenizer.Build(s_merges);

        int[] ids = tokenizer.Encode(text);

        Assert.DoesNotContain(ids, tokenizer.IsSpecial);
        Assert.Equal(text, tokenizer.Decode(ids));
    }

    [Fact]
    public void Special_tokens_are_read_where_a_program_asks_for_it()
    {
        Tokenizer tokenizer = TinyTokenizer.Build(s_merges);

        Assert.Equal([tokenizer.BosId, 'H', 'i', tokenizer.EosId], tokenizer.EncodeMarkedUp("<|begin_of_text|>Hi<|end_of_text|>"));
        Assert.Equal(['<', '|'], tokenizer.EncodeMarkedUp("<|"));
    }

    [Fact]
    public void Decoding_leaves_special_tokens_out_and_display_names_them()
    {
        Tokenizer tokenizer = TinyTokenizer.Build(s_merges);

        Assert.Equal("Hi", tokenizer.Decode([tokenizer.BosId, 'H', 'i', tokenizer.EosId]));
        Assert.Equal(TinyTokenizer.Bos, tokenizer.TokenText(tokenizer.BosId));
        Assert.Equal("[99999]", tokenizer.TokenText(99999));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Vienna is in")]
    [InlineData("Gérard Mourou, 東京, naïve — 37.7749° N")]
    [InlineData("emoji 😀😀 and 𝐀stral 𝟙𝟚𝟛𝟜 letters")]
    [InlineData("  two  spaces\n\nand lines\t\r\n")]
    [InlineData("/ˈæb.ə.kəs/")]
    public void Text_survives_the_round_trip(string text)
    {
        Tokenizer tokenizer = TinyTokenizer.Build(s_merges);

        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void Offsets_cover_the_text_without_gaps()
    {
        Tokenizer tokenizer = TinyTokenizer.Build(s_merges);

        IReadOnlyList<TokenSpan> spans = tokenizer.EncodeWithOffsets("Vienna in");

        Assert.Equal([(0, 4), (4, 6), (6, 9)], spans.Select(span => (span.Start, span.End)));
        Assert.Equal(tokenizer.Encode("Vienna in"), spans.Select(span => span.Id));
    }

    [Fact]
    public void A_token_with_part_of_a_character_overlaps_the_whole_character()
    {
        Tokenizer tokenizer = TinyTokenizer.Build([]);

        IReadOnlyList<TokenSpan> spans = tokenizer.EncodeWithOffsets("é😀");

        Assert.Equal([(0, 1), (0, 1), (1, 3), (1, 3), (1, 3), (1, 3)], spans.Select(span => (span.Start, span.End)));
    }

    [Fact]
    public void A_lone_surrogate_is_read_as_the_replacement_character()
    {
        Tokenizer tokenizer = TinyTokenizer.Build([]);

        Assert.Equal("a\uFFFDb", tokenizer.Decode(tokenizer.Encode("a\uD83Db")));
    }

    [Fact]
    public void Merges_may_be_pairs()
    {
        Tokenizer tokenizer = TinyTokenizer.Build(
            ["V i"], root => root["model"]!["merges"] = new JsonArray(new JsonArray("V", "i")));

        Assert.Equal([256], tokenizer.Encode("Vi"));
    }

    [Fact]
    public void With_ignore_merges_a_piece_of_the_vocabulary_is_one_token_even_if_no_merge_leads_to_it()
    {
        void Unreachable(JsonObject root)
        {
            root["model"]!["ignore_merges"] = true;
            root["model"]!["merges"] = new JsonArray();
        }
        Tokenizer tokenizer = TinyTokenizer.Build(["V ienna"], Unreachable);

        Assert.Equal([256], tokenizer.Encode("Vienna"));
        Assert.Equal(7, tokenizer.Encode("Viennas").Length);
    }

    [Fact]
    public void The_split_pattern_decides_where_numbers_end()
    {
        Tokenizer tokenizer = TinyTokenizer.Build(["1 2", "3 4", "12 34"], UseLlama3Split);

        Assert.Equal(["12", "3", "4"], tokenizer.Encode("1234").Select(tokenizer.TokenText));
    }

    [Fact]
    public void Patterns_see_characters_beyond_the_basic_plane_as_one()
    {
        // Llama-3's pattern takes one symbol together with the letters after it.
        PreTokenizer.Split splitter = new(CodePointPattern.Expression(PreTokenizer.Llama3Pattern));

        Assert.Equal([(0, 5)], splitter.Cut("😀abc"));
        Assert.Equal([(0, 4)], splitter.Cut("𝐀𝐁"));
        Assert.Equal([(0, 6), (6, 8)], splitter.Cut("𝟙𝟚𝟛𝟜"));
    }

    [Fact]
    public void Text_that_is_composed_already_is_left_alone_under_NFC()
    {
        Tokenizer tokenizer = TinyTokenizer.Build([], root => root["normalizer"] = new JsonObject { ["type"] = "NFC" });

        Assert.Equal("André 東京 😀", tokenizer.Decode(tokenizer.Encode("André 東京 😀")));
    }

    [Fact]
    public void Decomposed_text_is_composed_under_NFC_and_its_letters_stand_for_letters()
    {
        Tokenizer tokenizer = TinyTokenizer.Build([], root => root["normalizer"] = new JsonObject { ["type"] = "NFC" });

        IReadOnlyList<TokenSpan> spans = tokenizer.EncodeWithOffsets("e\u0301x");

        Assert.Equal(tokenizer.Encode("éx"), spans.Select(span => span.Id));
        Assert.Equal([(0, 1), (0, 1), (2, 3)], spans.Select(span => (span.Start, span.End)));
    }

    [Fact]
    public void The_beginning_is_found_in_config_json_or_in_the_post_processor()
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", TinyTokenizer.Json([], root => root["post_processor"] = JsonNode.Parse(
            $$"""{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "{{TinyTokenizer.Bos}}"} }]}""")));
        folder.Write("config.json", """{"eos_token_id": [257, 3]}""");

        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal(256, tokenizer.BosId);
        Assert.Equal(257, tokenizer.PadId);
    }

    [Fact]
    public void A_tokenizer_without_a_beginning_fails_only_when_it_is_needed()
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", TinyTokenizer.Json([], root => root["post_processor"] = null));
        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        Assert.False(tokenizer.HasBos);
        Assert.NotEmpty(tokenizer.Encode("Vienna"));
        HyperDasException error = Assert.Throws<HyperDasException>(() => tokenizer.BosId);
        Assert.Equal("TokenizerUnsupported", error.ErrorId);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using TemporaryFolder folder = new();

        HyperDasException error = Assert.Throws<HyperDasException>(() => Tokenizer.Load(folder.Path));

        Assert.Equal("PathNotFound", error.ErrorId);
        Assert.Contains("tokenizer.json", error.Message);
    }

    [Theory]
    [InlineData("{\"model\": {\"type\"")]
    [InlineData("[]")]
    [InlineData("{\"model\": {\"type\": \"BPE\"}, \"pre_tokenizer\": {\"type\": \"ByteLevel\"}}")]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"type\": \"BPE\"}}")]
    [InlineData("{\"model\": {\"type\": \"\\ud800\"}}")]
    public void A_damaged_file_is_refused(string content)
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", content);

        Assert.Equal("TokenizerCorrupt", Assert.Throws<HyperDasException>(() => Tokenizer.Load(folder.Path)).ErrorId);
    }

    public static TheoryData<string, string> Unsupported => new()
    {
        { "model.type", "\"Unigram\"" },
        { "model.dropout", "0.1" },
        { "model.end_of_word_suffix", "\"</w>\"" },
        { "pre_tokenizer", "null" },
        { "pre_tokenizer", """{"type": "Whitespace"}""" },
        { "pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "(unclosed"}, "behavior": "Isolated"}""" },
        { "pre_tokenizer", """{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithBoth"}""" },
        { "normalizer", """{"type": "Lowercase"}""" },
        { "post_processor", """{"type": "Own"}""" },
        { "decoder", """{"type": "WordPiece"}""" },
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void What_would_change_token_ids_unnoticed_is_refused(string key, string value)
    {
        void Change(JsonObject root)
        {
            string[] path = key.Split('.');
            JsonObject owner = path.Length == 1 ? root : root[path[0]]!.AsObject();
            owner[path[^1]] = JsonNode.Parse(value);
        }

        Assert.Equal("TokenizerUnsupported", Assert.Throws<HyperDasException>(() => TinyTokenizer.Build([], Change)).ErrorId);
    }

    [Fact]
    public void A_merge_of_unknown_tokens_is_refused()
    {
        void Change(JsonObject root) => root["model"]!["merges"]!.AsArray().Add("Wien na");

        Assert.Equal("TokenizerCorrupt", Assert.Throws<HyperDasException>(() => TinyTokenizer.Build([], Change)).ErrorId);
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "an id of gigabytes", """{"model.vocab.!": 16777215}""" },
        { "an id below zero", """{"model.vocab.!": -1}""" },
        { "one id for two tokens", """{"model.vocab.!": 34}""" },
        { "an added token that hides another", """{"added_tokens": [{"id": 33, "content": "<|x|>"}]}""" },
        { "an added token without text", """{"added_tokens": [{"id": 900, "content": null}]}""" },
        { "a merge of nothing", """{"model.merges": [null]}""" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_file_is_refused(string what, string change)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("tokenizer.json", TinyTokenizer.Json([], Change));

        HyperDasException error = Assert.Throws<HyperDasException>(() => Tokenizer.Load(folder.Path));

        Assert.True(error.ErrorId == "TokenizerCorrupt", $"{what}: {error.ErrorId}");
        Assert.Contains(path, error.Message);

        void Change(JsonObject root)
        {
            foreach ((string key, JsonNode? value) in JsonNode.Parse(change)!.AsObject())
            {
                string[] names = key.Split('.');
                names[..^1].Aggregate((JsonNode)root, (node, name) => node[name]!)[names[^1]] = value?.DeepClone();
            }
        }
    }

    [Theory]
    [InlineData("tokenizer_config.json", "{\"bos_token\": \"\\ud800\"}")]
    [InlineData("special_tokens_map.json", "{\"eos_token\": \"a\", \"eos_token\": \"b\"}")]
    [InlineData("config.json", "{\"bos_token_id\": 1000000000}")]
    [InlineData("config.json", "{\"eos_token_id\": [-5]}")]
    public void Special_tokens_that_cannot_be_are_refused_with_their_file(string name, string content)
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", TinyTokenizer.Json([]));
        string path = folder.Write(name, content);

        HyperDasException error = Assert.Throws<HyperDasException>(() => Tokenizer.Load(folder.Path));

        Assert.Equal("TokenizerCorrupt", error.ErrorId);
        Assert.Contains(path, error.Message);
    }

    [Fact]
    public void A_pattern_that_never_comes_to_an_end_is_given_up()
    {
        Tokenizer tokenizer = TinyTokenizer.Build([], root => root["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = "(a+)+$" }, ["behavior"] = "Isolated" },
                new JsonObject { ["type"] = "ByteLevel", ["use_regex"] = false }),
        });

        HyperDasException error = Assert.Throws<HyperDasException>(() => tokenizer.Encode(new string('a', 60) + "!"));

        Assert.Equal("TokenizerUnsupported", error.ErrorId);
        Assert.Contains("(a+)+$", error.Message);
        Assert.Contains(Tokenizer.FileName, error.Message);
    }

    [Fact]
    public void The_fingerprint_follows_the_file()
    {
        string one = TinyTokenizer.Build(["V i"]).Fingerprint;

        Assert.Equal(64, one.Length);
        Assert.Equal(one, TinyTokenizer.Build(["V i"]).Fingerprint);
        Assert.NotEqual(one, TinyTokenizer.Build(["V e"]).Fingerprint);
    }

    private static void UseLlama3Split(JsonObject root) => root["pre_tokenizer"] = new JsonObject
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject
            {
                ["type"] = "Split",
                ["pattern"] = new JsonObject { ["Regex"] = PreTokenizer.Llama3Pattern },
                ["behavior"] = "Isolated",
                ["invert"] = false,
            },
            new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
    };
}
