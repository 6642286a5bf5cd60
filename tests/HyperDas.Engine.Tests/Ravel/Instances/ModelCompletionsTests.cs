using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel.Instances;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel.Instances;

public sealed class ModelCompletionsTests : IDisposable
{
    private readonly LanguageModel _model = LetterModel.Create();

    [Fact]
    public void Completions_are_greedy_and_come_in_the_order_of_the_prompts()
    {
        string[] prompts = ["Vienna is in", "a", "Graz lies in the south of", "", "b"];

        Completion?[] said = new ModelCompletions(_model).Complete(prompts);

        Assert.Equal(prompts.Select(Generate), said.Select(completion => completion!.Value.Text));
        Assert.All(said, completion => Assert.Equal(completion!.Value.Text.Length < 8, completion.Value.IsOver));
    }

    [Fact]
    public void A_prompt_that_is_too_long_is_not_cut_but_left_out()
    {
        Completion?[] said = new ModelCompletions(_model, maxPromptTokens: 5).Complete(["abcd", "abcde"]);

        Assert.NotNull(said[0]);
        Assert.Null(said[1]);
    }

    [Fact]
    public void Asking_can_be_cancelled()
    {
        Assert.Throws<OperationCanceledException>(
            () => new ModelCompletions(_model).Complete(["a"], cancellationToken: new CancellationToken(canceled: true)));
    }

    public void Dispose() => _model.Dispose();

    private string Generate(string prompt) => _model.Tokenizer.Decode(TextGenerator.Generate(
        _model, [[_model.Tokenizer.BosId, .. _model.Tokenizer.Encode(prompt)]], new GenerationOptions { MaxNewTokens = 8 })[0]);
}
