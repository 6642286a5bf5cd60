using System.Globalization;
using System.Text;

namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>Kinds of tokens in expressions.</summary>
internal enum JinjaTokenKind
{
    /// <summary>A name or a word of the language.</summary>
    Name,

    /// <summary>A text in quotation marks.</summary>
    Text,

    /// <summary>An integer.</summary>
    Number,

    /// <summary>A sign.</summary>
    Sign,

    /// <summary>The end of the expression.</summary>
    End,
}

/// <summary>A token of an expression.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">The name or sign; the content of a text.</param>
internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Text)
{
    private static readonly string[] s_signs =
        ["==", "!=", "<=", ">=", "//", "**", "+", "-", "*", "/", "%", "~", "|", ".", ",", ":", "(", ")", "[", "]", "{", "}", "<", ">", "="];

    /// <summary>Splits an expression into tokens.</summary>
    /// <param name="source">The expression.</param>
    /// <exception cref="JinjaException">A character has no meaning.</exception>
    public static List<JinjaToken> Cut(string source)
    {
        List<JinjaToken> tokens = [];
        for (int at = 0; at < source.Length;)
        {
            char next = source[at];
            if (char.IsWhiteSpace(next))
            {
                at++;
            }
            else if (next is '\'' or '"')
            {
                tokens.Add(new JinjaToken(JinjaTokenKind.Text, ReadText(source, ref at)));
            }
            else if (char.IsAsciiLetter(next) || next == '_')
            {
                int start = at;
                while (at < source.Length && (char.IsAsciiLetterOrDigit(source[at]) || source[at] == '_'))
                {
                    at++;
                }
                tokens.Add(new JinjaToken(JinjaTokenKind.Name, source[start..at]));
            }
            else if (char.IsAsciiDigit(next))
            {
                int start = at;
                while (at < source.Length && char.IsAsciiDigit(source[at]))
                {
                    at++;
                }
                tokens.Add(new JinjaToken(JinjaTokenKind.Number, source[start..at]));
            }
            else
            {
                int from = at;
                string sign = s_signs.FirstOrDefault(s => string.CompareOrdinal(source, from, s, 0, s.Length) == 0)
                    ?? throw new JinjaException($"'{next}' isn't supported");
                tokens.Add(new JinjaToken(JinjaTokenKind.Sign, sign));
                at += sign.Length;
            }
        }
        return tokens;
    }

    private static string ReadText(string source, ref int at)
    {
        StringBuilder text = new();
        char quote = source[at++];
        while (at < source.Length && source[at] != quote)
        {
            if (source[at] != '\\')
            {
                text.Append(source[at++]);
                continue;
            }
            char kind = at + 1 < source.Length ? source[at + 1] : throw new JinjaException("a string isn't closed");
            int digits = kind switch { 'u' => 4, 'x' => 2, _ => 0 };
            if (digits > 0)
            {
                text.Append(at + 2 + digits <= source.Length && int.TryParse(
                    source.AsSpan(at + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
                    ? (char)code : throw new JinjaException("a string has an invalid escape sequence"));
            }
            else
            {
                text.Append(kind switch { 'n' => "\n", 't' => "\t", 'r' => "\r", '\\' => "\\", '\'' => "'", '"' => "\"",
                    '\n' => "", _ => "\\" + kind });
            }
            at += 2 + digits;
        }
        if (at >= source.Length)
        {
            throw new JinjaException("a string isn't closed");
        }
        at++;
        return text.ToString();
    }
}
