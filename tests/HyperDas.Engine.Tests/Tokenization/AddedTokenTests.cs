using System.Text.Json.Nodes;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Tokenization;

public sealed class AddedTokenTests
{
    private const int Mark = 300;

    [Fact]
    public void A_token_that_is_not_special_is_read_out_of_text_and_written_back()
    {
        Tokenizer tokenizer = Build("<think>");

        Assert.Equal(['a', ' ', Mark, 'b'], tokenizer.Encode("a <think>b"));
        Assert.Equal("a <think>b", tokenizer.Decode(tokenizer.Encode("a <think>b")));
        Assert.Equal([(0, 1), (1, 2), (2, 9), (9, 10)], tokenizer.EncodeWithOffsets("a <think>b").Select(span => (span.Start, span.End)));
    }

    [Fact]
    public void A_special_token_is_read_where_a_program_asks_for_it_and_its_name_is_noticed_elsewhere()
    {
        Tokenizer tokenizer = Build("<end>", "special");

        Assert.DoesNotContain(Mark, tokenizer.Encode("a<end>"));
        Assert.Equal(['a', Mark], tokenizer.EncodeMarkedUp("a<end>"));
        Assert.Equal(["<end>"], tokenizer.SpecialNames("a<end>, <end>"));
        Assert.Empty(tokenizer.SpecialNames("a <end"));
    }

    [Theory]
    [InlineData("lstrip", "a  <x> b", "a#␣b", 1, 6)]
    [InlineData("rstrip", "a <x> \n b", "a␣#b", 2, 8)]
    [InlineData("lstrip rstrip", " <x> ", "#", 0, 5)]
    [InlineData("", "a <x> b", "a␣#␣b", 2, 5)]
    public void Tokens_take_the_white_space_that_they_are_said_to(string flags, string text, string tokens, int start, int end)
    {
        Tokenizer tokenizer = Build("<x>", flags.Split(' '));

        Assert.Equal(tokens.Select(c => c == '#' ? Mark : c == '␣' ? ' ' : c), tokenizer.Encode(text));
        Assert.Contains(new TokenSpan(Mark, start, end), tokenizer.EncodeWithOffsets(text));
    }

    [Fact]
    public void What_tokenizer_config_says_of_added_tokens_counts()
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", TinyTokenizer.Json([], root => Add(root, Mark, "<x>")));
        folder.Write("tokenizer_config.json", """
            {"added_tokens_decoder": {"300": {"content": "<x>", "rstrip": true, "special": false},
             "301": {"content": "<new>", "special": true}, "302": {"content": "q", "special": false} } }
            """);

        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal([Mark, 'b'], tokenizer.Encode("<x>  b"));
        Assert.Equal([Mark + 1], tokenizer.EncodeMarkedUp("<new>"));
        // A token of the vocabulary keeps its id.
        Assert.Equal(['q'], tokenizer.Encode("q"));
    }

    [Fact]
    public void An_id_that_two_files_give_to_two_tokens_is_refused()
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", TinyTokenizer.Json([], root => Add(root, Mark, "<x>")));
        folder.Write("tokenizer_config.json", """{"added_tokens_decoder": {"300": {"content": "<y>", "special": true} } }""");

        HyperDasException error = Assert.Throws<HyperDasException>(() => Tokenizer.Load(folder.Path));

        Assert.Equal("TokenizerCorrupt", error.ErrorId);
        Assert.Contains("'<y>'; in tokenizer.json it is '<x>'", error.Message);
    }

    [Theory]
    [InlineData("""{"id": 301, "content": "<x>"}""", "'<x>' is listed twice, with the ids 300 and 301")]
    [InlineData("""{"id": 301, "content": "<y>", "lstrip": "yes"}""", "'lstrip' of the added token '<y>' is \"yes\"")]
    [InlineData("""{"id": 301, "content": "<y>", "normalized": 1}""", "'normalized' of the added token '<y>' is 1")]
    public void A_token_that_says_two_things_or_nothing_is_refused(string token, string words)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => TinyTokenizer.Build([], root =>
        {
            Add(root, Mark, "<x>");
            root["added_tokens"]!.AsArray().Add(JsonNode.Parse(token));
        }));

        Assert.Equal("TokenizerCorrupt", error.ErrorId);
        Assert.Contains(words, error.Message);
    }

    [Theory]
    [InlineData("an x b", true)]
    [InlineData("x", true)]
    [InlineData("(x)", true)]
    [InlineData("ax b", false)]
    [InlineData("x1", false)]
    [InlineData("_x", false)]
    [InlineData("éx", false)]
    public void A_single_word_counts_only_by_itself(string text, bool found)
    {
        Tokenizer tokenizer = Build("x", "single_word");

        Assert.Equal(found, tokenizer.Encode(text).Contains(Mark));
    }

    [Fact]
    public void The_longest_of_several_that_begin_at_one_place_is_taken()
    {
        Tokenizer tokenizer = TinyTokenizer.Build([], root =>
        {
            Add(root, Mark, "  ");
            Add(root, Mark + 1, "    ");
        });

        Assert.Equal(['a', Mark + 1, 'b', Mark, ' ', 'c'], tokenizer.Encode("a    b   c"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void A_normalized_token_is_looked_for_in_normalised_text(bool normalized, bool found)
    {
        Tokenizer tokenizer = TinyTokenizer.Build([], root =>
        {
            root["normalizer"] = new JsonObject { ["type"] = "NFC" };
            Add(root, Mark, "<é>", normalized ? ["normalized"] : []);
        });

        Assert.Equal(found, tokenizer.Encode("<e\u0301>").Contains(Mark));
    }

    private static Tokenizer Build(string text, params string[] flags) => TinyTokenizer.Build([], root => Add(root, Mark, text, flags));

    private static void Add(JsonObject root, int id, string text, params string[] flags)
    {
        JsonObject token = new() { ["id"] = id, ["content"] = text, ["normalized"] = false };
        foreach (string flag in flags.Where(flag => flag.Length > 0))
        {
            token[flag] = true;
        }
        root["added_tokens"]!.AsArray().Add(token);
    }
}
