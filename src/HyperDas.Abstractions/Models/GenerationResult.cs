namespace HyperDas;

/// <summary>What a target model says after a prompt.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Output">The new text, without the prompt, special tokens, and white space at its ends, as in
/// <see cref="InterventionResult"/>.</param>
/// <param name="TokenCount">Number of new tokens.</param>
public sealed record GenerationResult(string Prompt, string Output, int TokenCount)
{
    /// <summary>Prompt and new text together, letter by letter as the model goes on.</summary>
    public string Text { get; init; } = $"{Prompt} {Output}";

    /// <inheritdoc/>
    public override string ToString() => Text;
}
