using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Turns prompts and labels into token ids by one rule everywhere, from the fact filter to the score: exactly one beginning-of-sequence
/// token (spec/hyperdas 1.1), prompt and label tokenised separately (11-B6), the entity's end taken from character offsets (11-B7).
/// </summary>
/// <param name="tokenizer">The target model's tokenizer; it must have a beginning-of-sequence token.</param>
public sealed class PromptTokenizer(Tokenizer tokenizer)
{
    /// <summary>The target model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; } = tokenizer;

    /// <summary>Beginning-of-sequence and the text's tokens.</summary>
    /// <param name="prompt">Any text.</param>
    /// <exception cref="HyperDasException"><c>TokenizerUnsupported</c>: there is no beginning-of-sequence token.</exception>
    public int[] Prompt(string prompt) => [Tokenizer.BosId, .. Tokenizer.Encode(prompt)];

    /// <summary>Tokens of a label as it follows a prompt, see <see cref="Continuation"/>.</summary>
    /// <param name="prompt">The prompt before it.</param>
    /// <param name="label">The label without space around it; an empty label has no tokens.</param>
    public int[] Label(string prompt, string label) => label.Length == 0 ? [] : Tokenizer.Encode(Continuation(prompt, label));

    /// <summary>A label with the space that sets it off, unless the prompt ends with a space, <c>"</c>, <c>'</c> or <c>(</c>.</summary>
    /// <param name="prompt">The prompt before it.</param>
    /// <param name="label">The label without space around it.</param>
    public static string Continuation(string prompt, string label) => prompt is [.., ' ' or '"' or '\'' or '('] ? label : " " + label;

    /// <summary>Beginning-of-sequence and the tokens of a prompt in two parts, and where the first part's last token is.</summary>
    /// <param name="prefix">Prompt up to and including the entity.</param>
    /// <param name="suffix">Prompt after it; may be empty.</param>
    /// <returns>
    /// Token ids, and the index of the last token that overlaps the prefix's last character. That token may reach into the suffix, where
    /// the two melt together. An empty prefix ends with the beginning-of-sequence token.
    /// </returns>
    /// <exception cref="HyperDasException"><c>TokenizerUnsupported</c>: there is no beginning-of-sequence token.</exception>
    public (int[] Ids, int LastPrefixToken) Parts(string prefix, string suffix)
    {
        IReadOnlyList<TokenSpan> spans = Tokenizer.EncodeWithOffsets(prefix + suffix);
        int[] ids = new int[spans.Count + 1];
        ids[0] = Tokenizer.BosId;
        int last = 0;
        for (int i = 0; i < spans.Count; i++)
        {
            ids[i + 1] = spans[i].Id;
            if (spans[i].Start < prefix.Length)
            {
                last = i + 1;
            }
        }
        return (ids, last);
    }
}
