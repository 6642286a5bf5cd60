namespace HyperDas.Engine.Tokenization;

/// <summary>Special tokens that a tokenizer's post-processor puts around a text.</summary>
/// <param name="Before">Names of those before it.</param>
/// <param name="After">Names of those after it.</param>
internal sealed record PromptTemplate(IReadOnlyList<string> Before, IReadOnlyList<string> After);
