using System.Text.Json.Nodes;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Tokenization;

public sealed class PromptPrefixTests
{
    private const string Bos = TinyTokenizer.Bos;
    private const string Template =
        $$$"""{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "{{{Bos}}}"}}, {"Sequence": {"id": "A"}}]}""";
    private const string Behind =
        $$$"""{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "{{{Bos}}}"}}, {"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "{{{TinyTokenizer.Eos}}}"}}]}""";
    private const string Named = $"\"bos_token\": \"{Bos}\"";

    [Theory]
    [InlineData("null", "{}", false)]
    [InlineData("null", "{" + Named + "}", false)]
    [InlineData("null", "{" + Named + ", \"add_bos_token\": true}", true)]
    [InlineData("null", "{" + Named + ", \"add_bos_token\": null}", false)]
    [InlineData("null", "{" + Named + ", \"tokenizer_class\": \"GPT2Tokenizer\"}", false)]
    [InlineData("null", "{" + Named + ", \"tokenizer_class\": \"LlamaTokenizerFast\"}", true)]
    [InlineData("null", "{" + Named + ", \"tokenizer_class\": \"LlamaTokenizer\", \"add_bos_token\": false}", false)]
    [InlineData("null", "{\"bos_token\": null, \"tokenizer_class\": \"LlamaTokenizer\"}", false)]
    [InlineData("null", "{" + Named + ", \"tokenizer_class\": \"GemmaTokenizerFast\"}", true)]
    [InlineData(Template, "{}", true)]
    [InlineData(Template, "{" + Named + ", \"add_bos_token\": false}", false)]
    [InlineData(Behind, "{}", true)]
    [InlineData("{\"type\": \"Sequence\", \"processors\": [{\"type\": \"ByteLevel\"}, " + Template + "]}", "{}", true)]
    [InlineData("{\"type\": \"ByteLevel\"}", "{" + Named + "}", false)]
    [InlineData("{\"type\": \"RobertaProcessing\", \"cls\": [\"" + Bos + "\", 256], \"sep\": [\"" + TinyTokenizer.Eos
        + "\", 257]}", "{}", true)]
    public void The_files_say_whether_prompts_begin_with_a_token(string processor, string config, bool begins)
    {
        Tokenizer tokenizer = Build(processor, config);

        Assert.Equal(begins ? [256] : [], tokenizer.Prefix.Ids);
        Assert.Equal(begins ? [256, 'a'] : ['a'], tokenizer.Prefix.Before(tokenizer.Encode("a")));
    }

    [Theory]
    [InlineData(Behind, "{}", true)]
    [InlineData(Behind, "{\"add_eos_token\": false}", false)]
    [InlineData(Template, "{\"add_eos_token\": true}", true)]
    [InlineData(Template, "{}", false)]
    public void A_token_behind_every_text_is_left_out_and_told(string processor, string config, bool told)
    {
        Tokenizer tokenizer = Build(processor, config);

        Assert.Equal(told, tokenizer.Warnings.Any(warning => warning.Contains("to every text")));
        Assert.DoesNotContain(257, tokenizer.Encode("a"));
    }

    [Theory]
    [InlineData("null", "{\"add_bos_token\": true}", "bos_token")]
    [InlineData("{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<other>\"}}]}", "{}", "<other>")]
    [InlineData("null", "{\"add_bos_token\": \"yes\"}", "add_bos_token")]
    public void A_beginning_that_cannot_be_is_refused(string processor, string config, string word)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Build(processor, config));

        Assert.Equal("TokenizerCorrupt", error.ErrorId);
        Assert.Contains(word, error.Message);
    }

    [Theory]
    [InlineData("{\"type\": \"TemplateProcessing\", \"single\": [\"" + Bos + ":0\", \"$A:0\"]}", "must be a SpecialToken or a Sequence")]
    [InlineData("{\"type\": \"RobertaProcessing\", \"cls\": [\"" + Bos + "\", 5], \"sep\": [\"" + TinyTokenizer.Eos + "\", 257]}",
        "the id 5; its tokens give it 256")]
    [InlineData("{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"" + Bos
        + "\"}}, {\"Sequence\": {\"id\": \"A\"}}], \"special_tokens\": {\"" + Bos + "\": {\"ids\": [5]}}}",
        "the id 5; its tokens give it 256")]
    public void A_template_that_contradicts_the_tokens_is_refused(string processor, string words)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Build(processor, "{}"));

        Assert.Equal("TokenizerCorrupt", error.ErrorId);
        Assert.Contains(words, error.Message);
    }

    [Theory]
    [InlineData("""{"eos_token": "<|im_end|>"}""")]
    [InlineData("""{"additional_special_tokens": ["<|im_end|>"]}""")]
    public void A_special_token_that_the_tokenizer_lacks_is_told(string config)
    {
        Tokenizer tokenizer = Build(Template, config);

        Assert.Contains(tokenizer.Warnings, warning => warning.Contains("<|im_end|>"));
    }

    private static Tokenizer Build(string processor, string config)
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", TinyTokenizer.Json([], root => root["post_processor"] = JsonNode.Parse(processor)));
        folder.Write("tokenizer_config.json", config);
        return Tokenizer.Load(folder.Path);
    }
}
