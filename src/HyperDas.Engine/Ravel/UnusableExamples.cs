namespace HyperDas.Engine.Ravel;

/// <summary>How many examples can't be learned from or scored.</summary>
/// <param name="TooLong">Prompt, or prompt and label, are longer than the limit.</param>
/// <param name="WithoutLabel">No label token remains.</param>
/// <param name="MaxTokens">The limit.</param>
public sealed record UnusableExamples(int TooLong, int WithoutLabel, int MaxTokens)
{
    /// <summary>Both.</summary>
    public int Total => TooLong + WithoutLabel;

    /// <summary>E.g. <c>3 examples are longer than 64 tokens, 1 has no label token</c>.</summary>
    public override string ToString() => string.Join(", ", new[]
    {
        TooLong == 0 ? null : $"{TooLong} {(TooLong == 1 ? "example is" : "examples are")} longer than {MaxTokens} tokens",
        WithoutLabel == 0 ? null : $"{WithoutLabel} {(WithoutLabel == 1 ? "has" : "have")} no label token",
    }.OfType<string>());
}
