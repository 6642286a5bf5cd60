using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class RavelCollatorTests
{
    // "Vien" "na": an entity of two tokens; "a," melts an entity's end into the suffix; '"-' would melt a quote and a minus sign.
    private static readonly Tokenizer s_tokenizer = TinyTokenizer.Build(
        ["V i", "e n", "Vi en", "n a", "Ġ i", "Ġi s", "Ġi n", "Ġ A", "\" -", "o s"]);
    private static readonly RavelCollator s_collator = new(s_tokenizer);

    [Fact]
    public void Tokens_up_to_the_last_of_the_entity_are_visible()
    {
        TokenizedExample tokens = s_collator.Tokenize(Examples.Of("Vienna| is in", "Austria"));

        Assert.Equal(["<|begin_of_text|>", "Vien", "na"], Texts(tokens.BaseIds[..tokens.BaseVisible]));
        Assert.Equal([" is", " in", " A"], Texts(tokens.BaseIds[tokens.BaseVisible..(tokens.PromptLength + 1)]));
        Assert.Equal(2, tokens.BaseEntityIndex);
    }

    [Fact]
    public void The_concept_goes_along_by_its_key_and_free_text_has_none()
    {
        TokenizedExample isolate = s_collator.Tokenize(Examples.Of("Vienna| is in", "German", kind: RavelExampleKind.Isolate));

        Assert.Equal(new ConceptKey("city", "Country"), isolate.Concept);
        Assert.Null(s_collator.TokenizePrompts("Vienna", " is in", "Paris", "", "the country of a city").Concept);
    }

    [Fact]
    public void Exactly_one_beginning_of_sequence_starts_every_text()
    {
        TokenizedExample tokens = s_collator.Tokenize(Examples.Of("Vienna| is in", "Austria"));

        Assert.All([tokens.BaseIds, tokens.SourceIds, tokens.InstructionIds], ids =>
        {
            Assert.Equal(s_tokenizer.BosId, ids[0]);
            Assert.Single(ids, id => id == s_tokenizer.BosId);
        });
    }

    [Theory]
    [InlineData("Vienna| is in", " Austria")]
    [InlineData("Vienna| is in ", "Austria")]
    [InlineData("{\"city\": \"Vienna|\", \"country\": \"", "Austria")]
    [InlineData("Vienna| ('", "Austria")]
    [InlineData("Vienna| (", "Austria")]
    [InlineData("Vienna|:", " Austria")]
    [InlineData("Vienna|:\n", " Austria")]
    public void A_label_is_set_off_by_a_space_unless_the_prompt_ends_with_space_quote_or_bracket(string prompt, string label)
    {
        TokenizedExample tokens = s_collator.Tokenize(Examples.Of(prompt, "Austria"));

        Assert.Equal(label, s_tokenizer.Decode(tokens.BaseIds[tokens.PromptLength..]));
    }

    [Fact]
    public void The_sign_of_a_negative_coordinate_belongs_to_the_label()
    {
        TokenizedExample tokens = s_collator.Tokenize(Examples.Of("{\"city\": \"Vienna|\", \"lat\": \"", "-77"));

        Assert.Equal(["\"", "-", "7", "7"], Texts(tokens.BaseIds[(tokens.PromptLength - 1)..]));
    }

    [Fact]
    public void A_prompt_may_end_with_the_entity()
    {
        TokenizedExample tokens = s_collator.Tokenize(Examples.Of("Vienna| is in", "Austria", sourcePrompt: "I love Paris|"));

        Assert.Equal(tokens.SourceIds.Length, tokens.SourceVisible);
        Assert.Equal(tokens.SourceIds.Length - 1, tokens.SourceEntityIndex);
    }

    [Fact]
    public void A_token_that_reaches_from_the_entity_into_the_suffix_is_still_the_entitys()
    {
        TokenizedExample tokens = s_collator.Tokenize(Examples.Of("o|s are", "x"));

        Assert.Equal(["<|begin_of_text|>", "os"], Texts(tokens.BaseIds[..tokens.BaseVisible]));
    }

    [Fact]
    public void The_entity_is_where_the_slot_was_and_not_where_its_name_first_occurs()
    {
        TokenizedExample tokens = s_collator.Tokenize(Examples.Of("Vienna is Vienna. And Vienna| is in", "Austria"));

        Assert.Equal([" is", " in"], Texts(tokens.BaseIds[tokens.BaseVisible..tokens.PromptLength]));
    }

    [Fact]
    public void Characters_of_several_bytes_end_at_their_last_token()
    {
        TokenizedExample tokens = s_collator.Tokenize(Examples.Of("Zürič|: 東京", "x", sourcePrompt: "😀|é"));

        Assert.Equal("Zürič", s_tokenizer.Decode(tokens.BaseIds[..tokens.BaseVisible]));
        Assert.Equal("😀", s_tokenizer.Decode(tokens.SourceIds[..tokens.SourceVisible]));
    }

    [Fact]
    public void Special_tokens_in_a_prompt_are_plain_text()
    {
        TokenizedExample tokens = s_collator.TokenizePrompts(
            "<|end_of_text|>Vienna", " is in", "I love <|begin_of_text|>", "", "the country");

        Assert.Single(tokens.BaseIds, s_tokenizer.IsSpecial);
        Assert.Single(tokens.SourceIds, s_tokenizer.IsSpecial);
    }

    [Fact]
    public void Prompts_that_are_only_intervened_on_have_no_label()
    {
        TokenizedExample tokens = s_collator.TokenizePrompts("Vienna", " is in", "I love Paris", "", "the country of a city");

        Assert.Equal(0, tokens.LabelLength);
        Assert.Equal("Vienna", s_tokenizer.Decode(tokens.BaseIds[..tokens.BaseVisible]));
    }

    [Fact]
    public void Suffixes_are_visible_when_asked_for_and_labels_never()
    {
        RavelCollator collator = new(s_tokenizer, new() { BaseSuffixVisible = true, SourceSuffixVisible = true });

        TokenizedExample tokens = collator.Tokenize(Examples.Of("Vienna| is in", "Austria", "Paris| is old"));

        Assert.Equal(tokens.PromptLength, tokens.BaseVisible);
        Assert.Equal(tokens.SourceIds.Length, tokens.SourceVisible);
        Assert.Equal(2, tokens.BaseEntityIndex);
    }

    [Fact]
    public void Examples_that_are_too_long_or_have_no_label_are_left_out()
    {
        RavelExample good = Examples.Of("Vienna| is in", "Austria");
        RavelExample[] examples = [Examples.Of("Vienna| is in", ""), good, Examples.Of("Vienna| is " + new string('x', 70), "Austria")];

        Assert.Same(good, Assert.Single(s_collator.TokenizeUsable(examples)).Example);
    }

    [Fact]
    public void The_originals_way_lets_a_label_melt_into_the_prompt_and_cuts_off_what_is_too_long()
    {
        RavelCollator original = new(s_tokenizer, new() { Tokenization = RavelTokenization.Original, MaxTokens = 10 });

        TokenizedExample melted = original.Tokenize(Examples.Of("Vienna| \"", "-77"));
        TokenizedExample cut = original.Tokenize(Examples.Of("Vienna| is in the land of", "Austria"));

        Assert.Equal(["\"-", "7", "7"], Texts(melted.BaseIds[^3..]));
        Assert.Equal(2, melted.LabelLength);
        Assert.Equal((10, 10, 0), (cut.BaseIds.Length, cut.PromptLength, cut.LabelLength));
        Assert.Empty(original.TokenizeUsable([Examples.Of("Vienna| is in the land of", "Austria")]));
    }

    [Fact]
    public void The_originals_way_counts_the_suffix_out_of_context_but_an_empty_one_hides_nothing()
    {
        RavelCollator original = new(s_tokenizer, new() { Tokenization = RavelTokenization.Original });

        TokenizedExample tokens = original.Tokenize(Examples.Of("o|s are", "x", sourcePrompt: "I love Paris|"));

        // "s are" has five tokens by itself but four in context: the beginning alone stays visible.
        Assert.Equal(1, tokens.BaseVisible);
        Assert.Equal(tokens.SourceIds.Length, tokens.SourceVisible);
    }

    private static string[] Texts(int[] ids) => [.. ids.Select(s_tokenizer.TokenText)];
}
