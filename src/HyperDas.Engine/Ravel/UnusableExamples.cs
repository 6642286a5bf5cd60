namespace HyperDas.Engine.Ravel;

/// <summary>Number of examples that can't be used for training or scoring.</summary>
/// <param name="TooLong">Examples whose prompt, or prompt with label, is longer than the limit.</param>
/// <param name="WithoutLabel">Examples without a label token.</param>
/// <param name="MaxTokens">The limit.</param>
public sealed record UnusableExamples(int TooLong, int WithoutLabel, int MaxTokens)
{
    /// <summary>Sum of both.</summary>
    public int Total => TooLong + WithoutLabel;

    /// <summary>E.g. <c>3 examples are longer than 64 tokens, 1 has no label token</c>.</summary>
    public override string ToString() => string.Join(", ", new[]
    {
        TooLong == 0 ? null : $"{TooLong} {(TooLong == 1 ? "example is" : "examples are")} longer than {MaxTokens} tokens",
        WithoutLabel == 0 ? null : $"{WithoutLabel} {(WithoutLabel == 1 ? "has" : "have")} no label token",
    }.OfType<string>());
}
