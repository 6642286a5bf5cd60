using System.Text.Json.Nodes;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.LanguageModels;

public sealed class EndTokensTests
{
    [Theory]
    [InlineData(null, null, new[] { 257 })]
    [InlineData("""{"eos_token_id": [257, 65]}""", null, new[] { 257, 65 })]
    [InlineData("""{"eos_token_id": 65}""", null, new[] { 257, 65 })]
    [InlineData("""{"eos_token_id": null}""", null, new[] { 257 })]
    [InlineData("""{"eos_token_id": 99999}""", null, new[] { 257 })]
    [InlineData(null, "<|begin_of_text|>", new[] { 257, 256 })]
    [InlineData("""{"eos_token_id": 65}""", "<|begin_of_text|>", new[] { 257, 65, 256 })]
    public void Each_file_may_name_an_end_token(string? generation, string? tokenizerEnd, int[] ends)
    {
        using TemporaryFolder folder = Folder(generation, tokenizerEnd ?? TinyTokenizer.Eos);
        using LanguageModel model = Model(folder);

        Assert.Equal(ends.Order(), model.EndTokenIds.Order());
        Assert.DoesNotContain(model.TextWarnings(), warning => warning.Contains("end-of-text token"));
    }

    [Fact]
    public void A_model_whose_files_name_none_is_told()
    {
        using LanguageModel model = TinyLlama.Create(TinyLlama.Config with { EosTokenIds = [] });

        Assert.Empty(model.EndTokenIds);
        Assert.Contains(model.TextWarnings(), warning => warning.Contains("eos_token_id"));
    }

    [Theory]
    [InlineData(258, false)]
    [InlineData(280, false)]
    [InlineData(300, true)]
    public void A_tokenizer_that_lacks_many_of_the_models_tokens_is_told(int tokens, bool isTold)
    {
        using TemporaryFolder folder = Folder(generation: null, TinyTokenizer.Eos);
        TinyLlama.Save(folder.Path, TinyLlama.TextConfig with { VocabularySize = tokens });
        using LanguageModel model = LanguageModel.Load(folder.Path);

        Assert.Equal(isTold, model.TextWarnings().Any(w => w.Contains($"only 258 of the {tokens} tokens", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("[258, 257]", null)]
    [InlineData("257", """{"eos_token_id": 258}""")]
    [InlineData("258", """{"eos_token_id": [258, 257]}""")]
    public void An_end_beyond_the_vocabulary_is_told_once_and_in_the_checks(string config, string? generation)
    {
        using TemporaryFolder folder = Folder(generation, TinyTokenizer.Eos);
        TinyLlama.Save(folder.Path, TinyLlama.TextConfig with { VocabularySize = 258 });
        string file = Path.Combine(folder.Path, "config.json");
        JsonNode json = JsonNode.Parse(File.ReadAllText(file))!;
        json["eos_token_id"] = JsonNode.Parse(config);
        File.WriteAllText(file, json.ToJsonString());
        using LanguageModel model = LanguageModel.Load(folder.Path);

        string remark = Assert.Single(model.Remarks);
        Assert.Contains("includes 258; the model has only the tokens 0 to 257", remark);
        Assert.Equal([257], model.EndTokenIds);
        ModelCheck check = FileChecks.Unread(model).Run(CancellationToken.None);
        Assert.False(check.Passed);
        Assert.Contains(remark, check.Detail);
    }

    [Fact]
    public void An_end_that_only_generation_config_names_stops_an_answer()
    {
        using TemporaryFolder folder = Folder(generation: null, TinyTokenizer.Eos);
        using LanguageModel plain = Model(folder);
        int second = TextGenerator.Generate(plain, [[256, 'a']], new GenerationOptions { MaxNewTokens = 4, StopAtEos = false })[0][1];
        folder.Write("generation_config.json", $$"""{"eos_token_id": [257, {{second}}]}""");
        using LanguageModel model = Model(folder);

        int[] answer = TextGenerator.Generate(model, [[256, 'a']], new GenerationOptions { MaxNewTokens = 4 })[0];

        Assert.True(answer.Length < 2);
    }

    [Theory]
    [InlineData("""{"eos_token_id": "x"}""")]
    [InlineData("""{"eos_token_id": [1, -2]}""")]
    [InlineData("[]")]
    public void End_tokens_that_cannot_be_are_refused_with_their_file(string generation)
    {
        using TemporaryFolder folder = Folder(generation, TinyTokenizer.Eos);
        using LanguageModel model = Model(folder);

        HyperDasException error = Assert.Throws<HyperDasException>(() => model.EndTokenIds);

        Assert.Equal("ModelConfigInvalid", error.ErrorId);
        Assert.Contains("generation_config.json", error.Message);
    }

    [Fact]
    public void A_prompt_with_a_special_name_or_too_many_tokens_is_told_once()
    {
        using TemporaryFolder folder = Folder(generation: null, TinyTokenizer.Eos);
        using LanguageModel model = Model(folder);
        PromptCheck check = new(model);

        Assert.Contains(TinyTokenizer.Eos, Assert.Single(check.Of("a" + TinyTokenizer.Eos, tokens: 3)));
        Assert.Empty(check.Of("b" + TinyTokenizer.Eos, tokens: 3));
        Assert.Empty(check.Of("Vienna", model.Config.MaxPositions - 2, newTokens: 2));
        Assert.Contains("max_position_embeddings", Assert.Single(check.Of("Vienna", model.Config.MaxPositions - 1, newTokens: 2)));
        Assert.Empty(check.Of("Vienna", model.Config.MaxPositions + 1));
    }

    [Fact]
    public void A_blank_at_the_end_is_told_once_where_words_begin_with_theirs()
    {
        using LanguageModel model = TinyLlama.Create(
            TinyLlama.Config with { VocabularySize = 259 }, tokenizer: TinyTokenizer.Build(["Ġ t"]));
        PromptCheck check = new(model);

        Assert.Empty(check.Of("Vienna is in", tokens: 3));
        Assert.EndsWith("\"Vienna is in\".", Assert.Single(check.Of("Vienna is in ", tokens: 3)));
        Assert.Empty(check.Of("Paris is in ", tokens: 3));
        Assert.Empty(new PromptCheck(model).Of("Vienna is in\n", tokens: 3));
    }

    [Fact]
    public void A_blank_at_the_end_is_right_where_every_blank_is_a_token()
    {
        using LanguageModel model = TinyLlama.CreateWithTokenizer();

        Assert.Empty(new PromptCheck(model).Of("Vienna is in ", tokens: 3));
    }

    private static TemporaryFolder Folder(string? generation, string end)
    {
        TemporaryFolder folder = new();
        folder.Write("tokenizer.json", TinyTokenizer.Json([]));
        folder.Write("tokenizer_config.json", $$"""{"bos_token": "{{TinyTokenizer.Bos}}", "eos_token": "{{end}}"}""");
        _ = generation is null ? null : folder.Write("generation_config.json", generation);
        return folder;
    }

    private static LanguageModel Model(TemporaryFolder folder)
    {
        using TorchSharp.DisposeScope scope = TorchSharp.torch.NewDisposeScope();
        return LanguageModel.FromWeights(TinyLlama.TextConfig, TinyLlama.Weights(TinyLlama.TextConfig), folder.Path);
    }
}
