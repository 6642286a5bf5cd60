using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.LanguageModels;

public sealed class PromptGeneratorTests
{
    [Fact]
    public void Prompts_that_are_tokenised_already_are_not_tokenised_again()
    {
        using LanguageModel model = LetterModel.Create();
        GenerationOptions options = new() { MaxNewTokens = 4 };
        PreparedPrompt vienna = PromptGenerator.Prepare(model, "Vienna"), oslo = PromptGenerator.Prepare(model, "Oslo");

        IReadOnlyList<GenerationResult> texts = PromptGenerator.Generate(model, ["Vienna", "Oslo"], options);

        Assert.Equal(texts, PromptGenerator.Generate(model, [vienna, oslo], options));
        // The tokens count, whatever the text.
        Assert.Equal(texts[1].Output, PromptGenerator.Generate(model, [oslo with { Text = "Vienna" }], options)[0].Output);
        Assert.NotEqual(texts[0].Output, texts[1].Output);
    }
}
