namespace HyperDas.Engine.LanguageModels;

/// <summary>Continues prompts given as text, by the model's own tokenizer.</summary>
public static class PromptGenerator
{
    /// <summary>Continues prompts, all in one batch.</summary>
    /// <param name="model">The target model; its folder has a tokenizer.</param>
    /// <param name="prompts">Texts; an empty one is continued from the beginning-of-sequence token alone, where
    /// the tokenizer puts one.</param>
    /// <param name="options">Length, sampling, stopping.</param>
    /// <param name="cancellationToken">Checked before every token.</param>
    /// <returns>One result for each prompt, in their order.</returns>
    /// <exception cref="HyperDasException">As <see cref="TextGenerator.Generate"/>; <c>TokenizerUnsupported</c>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<GenerationResult> Generate(
        LanguageModel model, IReadOnlyList<string> prompts, GenerationOptions options, CancellationToken cancellationToken = default)
    {
        model.ThrowIfDisposed();
        int[][] ids = [.. prompts.Select(p => model.Tokenizer.EncodePrompt(p))];
        IReadOnlyList<int[]> answers = TextGenerator.Generate(model, ids, options, edit: null, cancellationToken);
        return [.. prompts.Zip(answers, Result)];

        GenerationResult Result(string prompt, int[] answer)
        {
            string text = model.Tokenizer.DecodeContinuation(answer);
            return new GenerationResult(
                prompt, text.Trim(), answer.Length) { Text = prompt + (model.Tokenizer.Chat is null ? "" : "\n") + text };
        }
    }
}
