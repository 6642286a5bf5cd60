using HyperDas.Engine.LanguageModels;

namespace HyperDas.Engine.Ravel;

/// <summary>How many examples can't be learned from or scored.</summary>
/// <param name="TooLong">Prompt, or prompt and label, are longer than the limit.</param>
/// <param name="WithoutLabel">No label token remains.</param>
/// <param name="MaxTokens">The limit.</param>
public sealed record UnusableExamples(int TooLong, int WithoutLabel, int MaxTokens)
{
    /// <summary>Both.</summary>
    public int Total => TooLong + WithoutLabel;

    /// <summary>What to tell before work begins: examples that are too long for it, or have no label.</summary>
    /// <param name="model">The target model, whose tokenizer decides.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="split">Which of them.</param>
    /// <param name="cancellation">Checked at every example: each is tokenised.</param>
    /// <returns>A sentence; null when all examples can be used.</returns>
    public static string? Remark(LanguageModel model, RavelDataset dataset, RavelSplit split, CancellationToken cancellation = default)
    {
        IReadOnlyList<RavelExample> examples = dataset.Split(split);
        return new RavelCollator(model.Tokenizer, new RavelCollatorOptions(), dataset)
            .TokenizeRows(examples, cancellation).Unusable.Remark(examples.Count);
    }

    /// <summary>The same of examples that were looked at.</summary>
    /// <param name="total">How many there are.</param>
    /// <returns>A sentence; null when all can be used.</returns>
    public string? Remark(int total) => Total > 0 ? $"{this}; {total - Total} of {total} are used." : null;

    /// <summary>E.g. <c>3 examples are longer than 64 tokens, 1 has no label token</c>.</summary>
    public override string ToString() => string.Join(", ", new[]
    {
        TooLong == 0 ? null : $"{TooLong} {(TooLong == 1 ? "example is" : "examples are")} longer than {MaxTokens} tokens",
        WithoutLabel == 0 ? null : $"{WithoutLabel} {(WithoutLabel == 1 ? "has" : "have")} no label token",
    }.OfType<string>());
}
