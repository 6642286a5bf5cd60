namespace HyperDas.Engine.LanguageModels;

/// <summary>A prompt and its tokens, ready for a batch; see <see cref="PromptGenerator.Prepare"/>.</summary>
/// <param name="Text">The text.</param>
/// <param name="Ids">Its tokens, including the tokenizer's prefix or the chat template.</param>
public sealed record PreparedPrompt(string Text, int[] Ids);
