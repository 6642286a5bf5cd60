using System.Globalization;
using System.Text.RegularExpressions;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// The pre-tokenizer: cuts a text into the pieces that merges never cross. Patterns see one character per code point, as the
/// reference does; .NET's own expressions would see the two halves of a character beyond U+FFFF.
/// </summary>
/// <param name="steps">Applied one after another, each to the pieces of the one before.</param>
internal sealed class TextSplitter(IReadOnlyList<TextSplitter.Step> steps)
{
    /// <summary>The pattern of GPT-2, which a plain <c>ByteLevel</c> pre-tokenizer implies.</summary>
    internal const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>The pattern of Llama-3: as GPT-2's, but numbers in groups of at most three digits and line ends kept together.</summary>
    internal const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // A pattern from a file may take for ever on some texts: good ones need less than a millionth of this for a piece.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);

    /// <summary>One pattern.</summary>
    /// <param name="Pattern">What a piece looks like.</param>
    /// <param name="KeepGaps">Whether text between matches is a piece too, or dropped.</param>
    internal sealed record Step(Regex Pattern, bool KeepGaps);

    /// <summary>A splitter with one pattern that keeps everything.</summary>
    internal static TextSplitter Of(string pattern) => new([new Step(Compile(pattern), KeepGaps: true)]);

    /// <summary>An expression as splitters need it.</summary>
    /// <exception cref="ArgumentException">The pattern isn't one that .NET understands.</exception>
    internal static Regex Compile(string pattern) => new(pattern, RegexOptions.CultureInvariant, s_longest);

    /// <summary>Pieces in order, as UTF-16 ranges of <paramref name="text"/>.</summary>
    internal List<(int Start, int End)> Split(string text)
    {
        string visible = OneCharPerCodePoint(text, out int[]? offsets);
        List<(int Start, int End)> pieces = [(0, visible.Length)];
        foreach (Step step in steps)
        {
            List<(int Start, int End)> finer = new(pieces.Count * 2);
            foreach ((int start, int end) in pieces)
            {
                Cut(visible, start, end, step, finer);
            }
            pieces = finer;
        }
        return offsets is null ? pieces : pieces.ConvertAll(piece => (offsets[piece.Start], offsets[piece.End]));
    }

    private static void Cut(string text, int start, int end, Step step, List<(int Start, int End)> pieces)
    {
        // A piece is a text of its own: lookahead must not see beyond it.
        string piece = start == 0 && end == text.Length ? text : text[start..end];
        int done = 0;
        foreach (ValueMatch match in step.Pattern.EnumerateMatches(piece))
        {
            if (step.KeepGaps && match.Index > done)
            {
                pieces.Add((start + done, start + match.Index));
            }
            if (match.Length > 0)
            {
                pieces.Add((start + match.Index, start + match.Index + match.Length));
            }
            done = match.Index + match.Length;
        }
        if (step.KeepGaps && done < piece.Length)
        {
            pieces.Add((start + done, end));
        }
    }

    /// <summary>Replaces each surrogate pair by one character of the same kind, and tells where each came from.</summary>
    private static string OneCharPerCodePoint(string text, out int[]? offsets)
    {
        offsets = null;
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }
        char[] chars = new char[text.Length];
        offsets = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            offsets[count] = i;
            if (char.IsSurrogatePair(text, i))
            {
                chars[count++] = StandIn(CharUnicodeInfo.GetUnicodeCategory(text, i));
                i++;
            }
            else
            {
                chars[count++] = text[i];
            }
        }
        offsets[count] = text.Length;
        return new string(chars, 0, count);
    }

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => '\u4E2D',
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '\u0660',
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => '\u0301',
        _ => '\u2603',
    };
}
