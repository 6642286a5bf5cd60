using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Converts prompts and labels to token ids by one rule everywhere, from the fact filter to the score: the tokenizer's prefix once (one
/// beginning-of-sequence token or none, <see cref="PromptPrefix"/>), prompt and label tokenised separately
/// (docs/methods.md#tokens-and-what-is-visible), the entity's end from character offsets.
/// </summary>
/// <param name="tokenizer">The target model's tokenizer.</param>
public sealed class PromptTokenizer(Tokenizer tokenizer)
{
    /// <summary>The target model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; } = tokenizer;

    /// <summary>A prompt's tokens including the prefix or the chat template.</summary>
    /// <param name="prompt">Any text; it may be empty where the tokenizer has a prefix.</param>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>: there is no token.</exception>
    public int[] Prompt(string prompt) => NotEmpty(Tokenizer.EncodePrompt(prompt));

    /// <summary>A prompt's tokens up to the last one of its first part.</summary>
    /// <param name="beginning">The first part.</param>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>: there is no token.</exception>
    public int[] Beginning(string beginning) => Parts(beginning, "") is var (ids, last) ? ids[..(last + 1)] : [];

    /// <summary>Tokens of a text for the hypernetwork, which isn't the target model and uses no chat template.</summary>
    /// <param name="instruction">The text.</param>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>: there is no token.</exception>
    public int[] Instruction(string instruction) => NotEmpty(Tokenizer.Prefix.Before(Tokenizer.Encode(instruction)));

    /// <summary>Tokens of a label after a prompt, see <see cref="Continuation"/>.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="label">The label without surrounding white space; an empty label has no tokens.</param>
    public int[] Label(string prompt, string label) => label.Length == 0 ? []
        : Tokenizer.Chat is null ? Tokenizer.EncodeContinuation(Continuation(prompt, label)) : Tokenizer.EncodeAnswer(label);

    /// <summary>A label with a separating space, unless the prompt ends with a space, <c>"</c>, <c>'</c> or <c>(</c>.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="label">The label without surrounding white space.</param>
    public static string Continuation(string prompt, string label) => prompt is [.., ' ' or '"' or '\'' or '('] ? label : " " + label;

    /// <summary>The prefix and the tokens of a prompt in two parts, and the position of the first part's last token.</summary>
    /// <param name="prefix">Prompt up to and including the entity.</param>
    /// <param name="suffix">Prompt after it; may be empty.</param>
    /// <returns>Token ids, and the index of the last token that overlaps the prefix's last character. That token may extend into the
    /// suffix. An empty prefix ends with the first token.</returns>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>: there is no token.</exception>
    public (int[] Ids, int LastPrefixToken) Parts(string prefix, string suffix)
    {
        IReadOnlyList<TokenSpan> spans = Tokenizer.EncodePromptWithOffsets(prefix + suffix);
        int last = 0;
        for (int i = 0; i < spans.Count; i++)
        {
            // Tokens before the prompt are at 0, those after it at its end.
            if (spans[i].End == 0 || spans[i].Start < prefix.Length)
            {
                last = i;
            }
        }
        return (NotEmpty([.. spans.Select(span => span.Id)]), last);
    }

    private static int[] NotEmpty(int[] ids) => ids.Length > 0 ? ids : throw new HyperDasException(
        "PromptEmpty", HyperDasErrorKind.InvalidArgument,
        "A prompt is empty, and this tokenizer adds no beginning-of-sequence token, so there are no tokens.");
}
