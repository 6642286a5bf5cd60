using System.Globalization;
using System.Text;

namespace HyperDas.Engine.Tokenization.Steps;

/// <summary>Converts tokens back to text.</summary>
/// <param name="steps">Applied in order to the list of tokens, which is joined at the end.</param>
internal sealed class TokenDecoder(IReadOnlyList<TokenDecoder.Step> steps)
{
    /// <summary>The steps in order.</summary>
    internal IReadOnlyList<Step> Steps { get; } = steps;

    /// <summary>The decoder of tokens spelled in the byte alphabet.</summary>
    internal static TokenDecoder ForBytes { get; } = new([new Bytes()]);

    /// <summary>The decoder of SentencePiece's tokens.</summary>
    /// <param name="stripsPrefix">Whether a text begins with a mark that the tokenizer added.</param>
    internal static TokenDecoder ForMarks(bool stripsPrefix) => new(
        [new Replace(CodePointPattern.Literal("▁"), " "), new ByteFallback(),
            new Fuse(), .. stripsPrefix ? [new Strip(' ', 1, 0)] : (Step[])[]]);

    /// <summary>The text of tokens.</summary>
    /// <param name="tokens">The tokens as the vocabulary spells them.</param>
    /// <param name="continues">Whether the tokens continue a text, which keeps the space before the first word.</param>
    internal string Decode(IEnumerable<string> tokens, bool continues)
    {
        List<string> parts = [.. tokens];
        foreach (Step step in Steps)
        {
            parts = step.Apply(parts, continues);
        }
        return string.Concat(parts);
    }

    /// <summary>One step.</summary>
    internal abstract record Step
    {
        /// <summary>Description of the step in the fingerprint; must never change.</summary>
        internal abstract string Signature { get; }

        /// <summary>Applies it to a list of tokens.</summary>
        internal abstract List<string> Apply(List<string> tokens, bool continues);
    }

    /// <summary>Decodes the byte alphabet.</summary>
    internal sealed record Bytes : Step
    {
        internal override string Signature => "bytes";

        internal override List<string> Apply(List<string> tokens, bool continues) =>
            [Encoding.UTF8.GetString([.. tokens.SelectMany(ByteAlphabet.Bytes)])];
    }

    /// <summary>Decodes tokens such as <c>&lt;0xE2&gt;</c> as bytes; each invalid byte becomes U+FFFD.</summary>
    internal sealed record ByteFallback : Step
    {
        private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        internal override string Signature => "byte-fallback";

        internal override List<string> Apply(List<string> tokens, bool continues)
        {
            List<string> parts = new(tokens.Count);
            List<byte> bytes = [];
            foreach (string token in tokens)
            {
                if (ByteOf(token) is byte value)
                {
                    bytes.Add(value);
                    continue;
                }
                Flush();
                parts.Add(token);
            }
            Flush();
            return parts;

            void Flush()
            {
                if (bytes.Count > 0)
                {
                    parts.Add(TextOf([.. bytes]));
                    bytes.Clear();
                }
            }
        }

        /// <summary>The byte of a byte-fallback token, or null.</summary>
        internal static byte? ByteOf(string token) =>
            token is ['<', '0', 'x', _, _, '>']
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
                ? value
                : null;

        private static string TextOf(byte[] bytes)
        {
            try
            {
                return s_strict.GetString(bytes);
            }
            catch (DecoderFallbackException)
            {
                return new string('\uFFFD', bytes.Length);
            }
        }
    }

    /// <summary>Joins all tokens into one.</summary>
    internal sealed record Fuse : Step
    {
        internal override string Signature => "fuse";

        internal override List<string> Apply(List<string> tokens, bool continues) => [string.Concat(tokens)];
    }

    /// <summary>Replaces the matches of a pattern in every token.</summary>
    /// <param name="Pattern">The pattern.</param>
    /// <param name="Text">The replacement.</param>
    internal sealed record Replace(CodePointPattern Pattern, string Text) : Step
    {
        internal override string Signature => $"replace {Pattern} {Text}";

        internal override List<string> Apply(List<string> tokens, bool continues) =>
            tokens.ConvertAll(token => AlignedText.Of(token).Replace(Pattern.Matches(token), Text).Text);
    }

    /// <summary>Removes a character at both ends of every token.</summary>
    /// <param name="Character">The character.</param>
    /// <param name="Start">Maximum number at the beginning.</param>
    /// <param name="Stop">Maximum number at the end.</param>
    internal sealed record Strip(char Character, int Start, int Stop) : Step
    {
        internal override string Signature => $"strip {(int)Character} {Start} {Stop}";

        internal override List<string> Apply(List<string> tokens, bool continues) => tokens.ConvertAll(token =>
        {
            int from = 0, to = token.Length;
            while (!continues && from < Math.Min(Start, token.Length) && token[from] == Character)
            {
                from++;
            }
            while (token.Length - to < Stop && to > from && token[to - 1] == Character)
            {
                to--;
            }
            return token[from..to];
        });
    }

    /// <summary>Replaces SentencePiece's mark by a space.</summary>
    /// <param name="Mark">The mark.</param>
    /// <param name="StripsPrefix">Whether the tokenizer added the marks of the first token.</param>
    internal sealed record Metaspace(string Mark, bool StripsPrefix) : Step
    {
        internal override string Signature => $"metaspace {Mark} {StripsPrefix}";

        internal override List<string> Apply(List<string> tokens, bool continues) =>
            [.. tokens.Select((token, i) => token.Replace(
                Mark, i == 0 && StripsPrefix && !continues ? "" : " ", StringComparison.Ordinal))];
    }
}
