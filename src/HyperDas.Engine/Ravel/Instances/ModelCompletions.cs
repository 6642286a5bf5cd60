using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Ravel.Instances;

/// <summary>
/// Greedy completions by the target model itself (docs/methods.md#ravels-instances). A prompt that is too long isn't completed: the
/// original truncates it, and the model answers something else.
/// </summary>
/// <param name="model">The target model, with its tokenizer.</param>
/// <param name="newTokens">Maximum number of tokens of a completion.</param>
/// <param name="maxPromptTokens">Maximum number of tokens of a prompt, including the tokenizer's prefix.</param>
public sealed class ModelCompletions(
    LanguageModel model, int newTokens = ModelCompletions.DefaultNewTokens, int maxPromptTokens = RavelDatasetOptions.DefaultMaxTokens)
    : ICompletionSource
{
    /// <summary>The number with which the benchmark's instances were built.</summary>
    public const int DefaultNewTokens = 8;

    private const int BatchSize = 64;

    private readonly PromptTokenizer _prompts = new(model.Tokenizer);

    /// <inheritdoc/>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>TokenIdInvalid</c> when tokenizer and model
    /// don't belong together.</exception>
    public Completion?[] Complete(
        IReadOnlyList<string> prompts, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        model.ThrowIfDisposed();
        TorchRuntime.EnsureLoaded();
        Completion?[] answers = new Completion?[prompts.Count];
        int[][] ids = [.. prompts.Select(_prompts.Prompt)];
        int done = ids.Count(prompt => prompt.Length > maxPromptTokens);
        GenerationOptions greedy = new() { MaxNewTokens = newTokens };
        // One length per batch: no padding, which makes an answer independent of the others, and few shapes.
        foreach (IGrouping<int, int> bucket in Enumerable.Range(0, ids.Length).Where(n => ids[n].Length <= maxPromptTokens)
            .GroupBy(n => ids[n].Length).OrderBy(bucket => bucket.Key))
        {
            foreach (int[] batch in bucket.Chunk(BatchSize))
            {
                IReadOnlyList<int[]> said = TextGenerator.Generate(
                    model, [.. batch.Select(n => ids[n])], greedy, cancellationToken: cancellationToken);
                for (int i = 0; i < batch.Length; i++)
                {
                    answers[batch[i]] = new Completion(model.Tokenizer.DecodeContinuation(said[i]), IsOver: said[i].Length < newTokens);
                }
                done += batch.Length;
                progress?.Report(new WorkProgress("Asking the model", $"{done} of {ids.Length} prompts", done, ids.Length));
            }
        }
        return answers;
    }
}
