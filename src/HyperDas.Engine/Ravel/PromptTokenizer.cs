using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Turns prompts and labels into token ids by one rule everywhere, from the fact filter to the score: the tokenizer's prefix once (one
/// beginning-of-sequence token or none, <see cref="PromptPrefix"/>), prompt and label tokenised separately
/// (docs/methods.md#tokens-and-what-is-visible), the entity's end taken from character offsets.
/// </summary>
/// <param name="tokenizer">The target model's tokenizer.</param>
public sealed class PromptTokenizer(Tokenizer tokenizer)
{
    /// <summary>The target model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; } = tokenizer;

    /// <summary>A prompt's tokens with all that stands around it: the prefix, or the chat template.</summary>
    /// <param name="prompt">Any text; an empty one where the tokenizer puts something before it.</param>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>: there is no token.</exception>
    public int[] Prompt(string prompt) => NotEmpty(Tokenizer.EncodePrompt(prompt));

    /// <summary>A prompt's tokens up to the last one of its beginning.</summary>
    /// <param name="beginning">The beginning.</param>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>: there is no token.</exception>
    public int[] Beginning(string beginning) => Parts(beginning, "") is var (ids, last) ? ids[..(last + 1)] : [];

    /// <summary>Tokens of words for the hypernetwork, which isn't the target model: no chat template is put around them.</summary>
    /// <param name="instruction">The words.</param>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>: there is no token.</exception>
    public int[] Instruction(string instruction) => NotEmpty(Tokenizer.Prefix.Before(Tokenizer.Encode(instruction)));

    /// <summary>Tokens of a label as it follows a prompt, see <see cref="Continuation"/>.</summary>
    /// <param name="prompt">The prompt before it.</param>
    /// <param name="label">The label without space around it; an empty label has no tokens.</param>
    public int[] Label(string prompt, string label) => label.Length == 0 ? []
        : Tokenizer.Chat is null ? Tokenizer.EncodeContinuation(Continuation(prompt, label)) : Tokenizer.EncodeAnswer(label);

    /// <summary>A label with the space that sets it off, unless the prompt ends with a space, <c>"</c>, <c>'</c> or <c>(</c>.</summary>
    /// <param name="prompt">The prompt before it.</param>
    /// <param name="label">The label without space around it.</param>
    public static string Continuation(string prompt, string label) => prompt is [.., ' ' or '"' or '\'' or '('] ? label : " " + label;

    /// <summary>The prefix and the tokens of a prompt in two parts, and where the first part's last token is.</summary>
    /// <param name="prefix">Prompt up to and including the entity.</param>
    /// <param name="suffix">Prompt after it; may be empty.</param>
    /// <returns>
    /// Token ids, and the index of the last token that overlaps the prefix's last character. That token may reach into the suffix, where
    /// the two melt together. An empty prefix ends with the first token.
    /// </returns>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>: there is no token.</exception>
    public (int[] Ids, int LastPrefixToken) Parts(string prefix, string suffix)
    {
        IReadOnlyList<TokenSpan> spans = Tokenizer.EncodePromptWithOffsets(prefix + suffix);
        int last = 0;
        for (int i = 0; i < spans.Count; i++)
        {
            // Tokens before the prompt lie at 0, those after it at its end.
            if (spans[i].End == 0 || spans[i].Start < prefix.Length)
            {
                last = i;
            }
        }
        return (NotEmpty([.. spans.Select(span => span.Id)]), last);
    }

    private static int[] NotEmpty(int[] ids) => ids.Length > 0 ? ids : throw new HyperDasException(
        "PromptEmpty", HyperDasErrorKind.InvalidArgument,
        "A prompt is empty, and this tokenizer puts no beginning-of-sequence token before it, so there is no token to run.");
}
