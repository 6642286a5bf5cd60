namespace HyperDas;

/// <summary>What a target model says after a prompt.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Output">The new text, without the prompt and without special tokens.</param>
/// <param name="TokenCount">Number of new tokens.</param>
public sealed record GenerationResult(string Prompt, string Output, int TokenCount)
{
    /// <inheritdoc/>
    public override string ToString() => Prompt + Output;
}
