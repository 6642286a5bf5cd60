using System.Management.Automation.Language;
using System.Text;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>A line of a source file.</summary>
internal sealed record SourceLine(int Number, int Start, string Text);

/// <summary>A file's lines, and where its texts stand.</summary>
internal sealed class SourceText(string text, IReadOnlyList<(int Start, int Length)> literals)
{
    public IReadOnlyList<(int Start, int Length)> Literals => literals;

    public IEnumerable<SourceLine> Lines
    {
        get
        {
            int start = 0, number = 0;
            foreach (string line in text.Split('\n'))
            {
                yield return new SourceLine(++number, start, line.TrimEnd('\r'));
                start += line.Length + 1;
            }
        }
    }

    public static SourceText OfPowerShell(string text)
    {
        Parser.ParseInput(text, out Token[] tokens, out _);
        return new SourceText(text, [.. tokens.OfType<StringToken>().Where(IsText)
            .Select(t => (t.Extent.StartOffset, t.Extent.EndOffset - t.Extent.StartOffset))]);

        static bool IsText(StringToken token) => token.Kind is TokenKind.StringLiteral or TokenKind.StringExpandable
            or TokenKind.HereStringLiteral or TokenKind.HereStringExpandable;
    }

    public static SourceText OfCSharp(string text)
    {
        List<(int, int)> found = [];
        for (int i = 0; i < text.Length; i++)
        {
            if (text.AsSpan(i).StartsWith("//"))
            {
                int end = text.IndexOf('\n', i);
                i = end < 0 ? text.Length : end;
            }
            else if (text[i] == '\'')
            {
                i = text.IndexOf('\'', i + (text[i + 1] == '\\' ? 3 : 2));
            }
            else if (Literal(text, i) is int end)
            {
                found.Add((i, end - i));
                i = end - 1;
            }
        }
        return new SourceText(text, found);
    }

    /// <summary>C# without comments and texts. What stands in the holes of texts is code.</summary>
    public static string CodeOf(string text)
    {
        StringBuilder code = new();
        AddCode(code, text);
        return code.ToString();
    }

    /// <summary>Columns of the line's longest text; one of several lines counts with its part.</summary>
    public int LongestLiteralIn(SourceLine line) => literals
        .Select(l => Math.Min(l.Start + l.Length, line.Start + line.Text.Length) - Math.Max(l.Start, line.Start))
        .DefaultIfEmpty(0).Max();

    private static void AddCode(StringBuilder code, string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            List<(int Start, int End)> holes = [];
            if (text.AsSpan(i).StartsWith("//"))
            {
                int end = text.IndexOf('\n', i);
                i = (end < 0 ? text.Length : end) - 1;
            }
            else if (text[i] == '\'')
            {
                i = text.IndexOf('\'', i + (text[i + 1] == '\\' ? 3 : 2));
            }
            else if (Literal(text, i, holes) is int end)
            {
                foreach ((int from, int to) in holes)
                {
                    AddCode(code.Append(' '), text[from..to]);
                }
                code.Append(' ');
                i = end - 1;
            }
            else
            {
                code.Append(text[i]);
            }
        }
    }

    // The end of the text that begins at i with any of ", $", @", $@", """, $$""".
    private static int? Literal(string text, int i, List<(int Start, int End)>? holes = null)
    {
        int at = i, dollars = 0;
        bool verbatim = false;
        for (; at < text.Length && text[at] is '$' or '@'; at++)
        {
            dollars += text[at] == '$' ? 1 : 0;
            verbatim |= text[at] == '@';
        }
        int quotes = Run(text, at, '"');
        if (quotes == 0)
        {
            return null;
        }
        bool raw = quotes >= 3 && !verbatim;
        if (quotes == 2 && !verbatim)
        {
            return at + 2;
        }
        int braces = raw ? dollars : 1;
        for (at += raw ? quotes : 1; at < text.Length; at++)
        {
            if (text[at] == '\\' && !raw && !verbatim)
            {
                at++;
            }
            else if (text[at] == '"')
            {
                int run = Run(text, at, '"');
                if (verbatim && run > 1)
                {
                    at++;
                }
                else if (!raw || run >= quotes)
                {
                    return at + (raw ? run : 1);
                }
                else
                {
                    at += run - 1;
                }
            }
            else if (text[at] == '{' && dollars > 0)
            {
                int run = Run(text, at, '{');
                if (!raw && run % 2 == 0)
                {
                    at += run - 1;
                }
                else if (run >= braces)
                {
                    int hole = at + run;
                    at = Hole(text, hole);
                    holes?.Add((hole, at));
                }
            }
        }
        return text.Length;
    }

    // The closing brace of the interpolation that begins at i, which may contain string literals.
    private static int Hole(string text, int i)
    {
        for (int depth = 0; i < text.Length; i++)
        {
            if (text[i] is '"' or '$' or '@' && Literal(text, i) is int end)
            {
                i = end - 1;
            }
            else if (text[i] == '{')
            {
                depth++;
            }
            else if (text[i] == '}' && depth-- == 0)
            {
                return i;
            }
        }
        return text.Length;
    }

    private static int Run(string text, int i, char letter)
    {
        int end = i;
        while (end < text.Length && text[end] == letter)
        {
            end++;
        }
        return end - i;
    }
}
