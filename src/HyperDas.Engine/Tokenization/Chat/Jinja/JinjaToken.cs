using System.Globalization;
using System.Text;

namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>Kinds of words in expressions.</summary>
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

    /// <summary>Nothing more.</summary>
    End,
}

/// <summary>A word of an expression.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">The name or the sign; of a text what it says.</param>
internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Text)
{
    private static readonly string[] s_signs =
        ["==", "!=", "<=", ">=", "//", "**", "+", "-", "*", "/", "%", "~", "|", ".", ",", ":", "(", ")", "[", "]", "{", "}", "<", ">", "="];

    /// <summary>Cuts an expression into words.</summary>
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
                    ?? throw new JinjaException($"'{next}' isn't understood");
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
            char kind = at + 1 < source.Length ? source[at + 1] : throw new JinjaException("a text has no end");
            int digits = kind switch { 'u' => 4, 'x' => 2, _ => 0 };
            if (digits > 0)
            {
                text.Append(at + 2 + digits <= source.Length && int.TryParse(
                    source.AsSpan(at + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
                    ? (char)code : throw new JinjaException("a text has an escape that isn't one"));
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
            throw new JinjaException("a text has no end");
        }
        at++;
        return text.ToString();
    }
}
