using System.Globalization;
using System.Text.RegularExpressions;

namespace HyperDas.Engine.Tokenization.Steps;

/// <summary>A pattern that matches code points, as the reference does; .NET's expressions see two characters beyond U+FFFF.</summary>
internal sealed record CodePointPattern
{
    // A pattern from a file may not terminate on some texts: good ones need less than a millionth of this time for a piece.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);

    private readonly string? _literal;
    private readonly Regex? _expression;

    private readonly string _source;

    private CodePointPattern(string? literal, Regex? expression, string source) =>
        (_literal, _expression, _source) = (literal, expression, source);

    /// <summary>A literal text.</summary>
    internal static CodePointPattern Literal(string text) => new(text, null, $"'{text}'");

    /// <summary>A regular expression as tokenizers' files have it.</summary>
    /// <exception cref="ArgumentException">It isn't one that .NET understands.</exception>
    internal static CodePointPattern Expression(string pattern) => new(
        null, new Regex(new OnigurumaPattern(pattern).Translate(), RegexOptions.CultureInvariant | RegexOptions.Multiline, s_longest),
        $"/{pattern}/");

    /// <summary>The non-empty matches in order, as UTF-16 ranges.</summary>
    /// <exception cref="RegexMatchTimeoutException">The pattern doesn't come to an end.</exception>
    internal List<(int Start, int End)> Matches(string text)
    {
        List<(int, int)> matches = [];
        if (_expression is null)
        {
            for (int at = 0; (at = text.IndexOf(_literal!, at, StringComparison.Ordinal)) >= 0; at += _literal!.Length)
            {
                matches.Add((at, at + _literal!.Length));
            }
            return matches;
        }
        string visible = OneCharPerCodePoint(text, out int[]? offsets);
        foreach (ValueMatch match in _expression.EnumerateMatches(visible))
        {
            if (match.Length > 0)
            {
                (int start, int end) = (match.Index, match.Index + match.Length);
                matches.Add(offsets is null ? (start, end) : (offsets[start], offsets[end]));
            }
        }
        return matches;
    }

    /// <inheritdoc/>
    public override string ToString() => _source;

    /// <summary>Replaces each surrogate pair by one character of the same kind, and returns the original positions.</summary>
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
