using HyperDas.Engine.Evaluation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Evaluation;

public sealed class DialectRulesTests
{
    [Theory]
    [InlineData(new[] { 7 }, new[] { 7, 1, 2 }, true)]
    [InlineData(new[] { 7 }, new[] { 1, 7, 7 }, false)]
    [InlineData(new[] { 7, 8, 9 }, new[] { 7, 8, 9 }, true)]
    [InlineData(new[] { 7, 8, 9 }, new[] { 7, 8, 1 }, false)]
    [InlineData(new[] { 7, 8, 9, 10 }, new[] { 7, 8, 9 }, true)]
    public void Ravel_compares_up_to_three_token_ids(int[] label, int[] generated, bool right)
    {
        TokenizedExample tokens = Examples.Ids(
            [48, 1, 2, .. label], label.Length, visible: 2, source: [48, 1], sourceVisible: 2, instruction: [48]);
        using LanguageModel model = TinyLlama.Create();

        Assert.Equal(right, Judge(RavelDialect.Ravel, Examples.Of("x| is", "y"), tokens, generated, model));
    }

    [Theory]
    [InlineData("United Kingdom", "uk", true)]
    [InlineData("United Kingdom", "us", false)]
    [InlineData("Austria", "Au", false)]
    public void Mib_reads_two_generated_tokens(string gold, string said, bool right)
    {
        Assert.Equal(right, JudgeText(RavelDialect.Mib, gold, said + "uk"));
    }

    [Theory]
    [InlineData("Austria", "Austri", true)]
    [InlineData("Austria", "Austra", false)]
    [InlineData("Austria", "Aus\"tr", true)]
    public void Sae_bench_reads_six_generated_tokens_by_the_test_of_knowledge(string gold, string said, bool right)
    {
        Assert.Equal(right, JudgeText(RavelDialect.SaeBench, gold, said + "zzz"));
    }

    [Fact]
    public void What_follows_the_end_of_text_is_not_read()
    {
        using LanguageModel model = LetterModel.Create();
        int[] generated = [.. "Au".Select(letter => (int)letter), model.Tokenizer.EosId, 'x', 'x', 'x'];

        Assert.True(Judge(RavelDialect.SaeBench, Examples.Of("x| is", "Austria"), null, generated, model));
    }

    [Fact]
    public void Gold_values_count_where_the_labels_are_the_models_own_words()
    {
        using LanguageModel model = LetterModel.Create();
        RavelExample example = Examples.Of("x| is", " Oesterreich") with { SourceGoldValue = "Austria", ValuesAreVerbatim = true };

        Assert.True(Judge(RavelDialect.SaeBench, example, null, [.. "Austri".Select(letter => (int)letter)], model));
    }

    [Theory]
    [InlineData("United States", "the United", true)]
    [InlineData("United States", "USA", true)]
    [InlineData("United States", " America", true)]
    [InlineData("United States", "Russia", false)]
    [InlineData("United Kingdom", " England", true)]
    [InlineData("South Korea", "Korea", true)]
    [InlineData("North Korea", "Korea", false)]
    [InlineData("Persian", " Farsi", true)]
    [InlineData("Mandarin", "Chinese", true)]
    [InlineData("Oceania", "Australia", true)]
    [InlineData("Dutch,French,German", " French,", true)]
    [InlineData("English", "Engl", true)]
    [InlineData("English", "E", false)]
    [InlineData("English", "", false)]
    [InlineData("French", "Frenchman", false)]
    public void Mib_lets_other_names_of_the_same_thing_pass(string gold, string said, bool right)
    {
        Assert.Equal(right, LenientMatch.IsRight(gold, said));
    }

    private static bool JudgeText(RavelDialect dialect, string gold, string said)
    {
        using LanguageModel model = LetterModel.Create();
        return Judge(dialect, Examples.Of("x| is", gold), null, [.. said.Select(letter => (int)letter)], model);
    }

    private static bool Judge(RavelDialect dialect, RavelExample example, TokenizedExample? tokens, int[] generated, LanguageModel model)
    {
        RavelPredictions predictions = new(1);
        predictions.Generated[0] = generated;
        tokens ??= Examples.Ids([48, 1, 2], label: 1, visible: 2, source: [48, 1], sourceVisible: 2, instruction: [48]);
        return DialectRules.Judge(dialect, [(example, tokens)], predictions, model, new DateOnly(2024, 1, 15))[0];
    }
}
