namespace HyperDas;

/// <summary>A target model's continuation of a prompt.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Output">The new text, without the prompt, special tokens, and leading or trailing white space, as in
/// <see cref="InterventionResult"/>.</param>
/// <param name="TokenCount">Number of new tokens.</param>
public sealed record GenerationResult(string Prompt, string Output, int TokenCount)
{
    /// <summary>Prompt and new text together, exactly as the model continues it.</summary>
    public string Text { get; init; } = $"{Prompt} {Output}";

    /// <inheritdoc/>
    public override string ToString() => Text;
}
