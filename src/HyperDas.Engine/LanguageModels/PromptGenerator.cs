namespace HyperDas.Engine.LanguageModels;

/// <summary>Continues text prompts with the model's own tokenizer.</summary>
public static class PromptGenerator
{
    /// <summary>Tokenises a prompt, so it can be checked before it is put into a batch without being tokenised twice.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="prompt">The text.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>TokenizerCorrupt</c>, <c>TokenizerUnsupported</c>: the model has no
    /// tokenizer that can be used.</exception>
    public static PreparedPrompt Prepare(LanguageModel model, string prompt) => new(prompt, model.Tokenizer.EncodePrompt(prompt));

    /// <summary>Continues prompts, all in one batch.</summary>
    /// <param name="model">The target model; its folder has a tokenizer.</param>
    /// <param name="prompts">Texts; an empty one is continued from the beginning-of-sequence token, if the tokenizer adds one.</param>
    /// <param name="options">Length, sampling, stopping.</param>
    /// <param name="cancellationToken">Checked before every token.</param>
    /// <returns>One result for each prompt, in their order.</returns>
    /// <exception cref="HyperDasException">As <see cref="TextGenerator.Generate"/>; <c>TokenizerUnsupported</c>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<GenerationResult> Generate(
        LanguageModel model, IReadOnlyList<string> prompts, GenerationOptions options, CancellationToken cancellationToken = default)
    {
        model.ThrowIfDisposed();
        return Generate(model, [.. prompts.Select(prompt => Prepare(model, prompt))], options, cancellationToken);
    }

    /// <summary>Continues prepared prompts, all in one batch.</summary>
    /// <param name="model">The target model for which they were prepared.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="options">Length, sampling, stopping.</param>
    /// <param name="cancellationToken">Checked before every token.</param>
    /// <returns>One result for each prompt, in their order.</returns>
    /// <exception cref="HyperDasException">As <see cref="TextGenerator.Generate"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<GenerationResult> Generate(
        LanguageModel model, IReadOnlyList<PreparedPrompt> prompts, GenerationOptions options,
        CancellationToken cancellationToken = default)
    {
        model.ThrowIfDisposed();
        IReadOnlyList<int[]> answers =
            TextGenerator.Generate(model, [.. prompts.Select(prompt => prompt.Ids)], options, edit: null, cancellationToken);
        return [.. prompts.Zip(answers, Result)];

        GenerationResult Result(PreparedPrompt prompt, int[] answer)
        {
            string text = model.Tokenizer.DecodeContinuation(answer);
            return new GenerationResult(prompt.Text, text.Trim(), answer.Length)
            {
                Text = prompt.Text + (model.Tokenizer.Chat is null ? "" : "\n") + text,
            };
        }
    }
}
