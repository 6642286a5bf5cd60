using System.Management.Automation.Language;
using Xunit;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>Lines have at most 140 columns, so that two files stand beside each other on a screen and differences read well.</summary>
public sealed class LineWidthTests
{
    private const int Widest = 140;

    // A line is left alone when it is hardly more than one text, which can't be broken without changing what it says.
    private const int LeastBesideText = 40;

    private static readonly string[] s_rooms = ["src", "tests", "benchmarks", "build", "examples", "module"];

    // What others wrote down, byte for byte, and what the build makes.
    private static readonly string[] s_exempt = ["tests/Fixtures/kept/", "module/HyperDas/bin/", "/bin/", "/obj/"];

    [Fact]
    public void No_line_of_CSharp_is_wider_than_the_limit()
    {
        string[] files = [.. Files("*.cs")];

        Assert.True(files.Length > 500, $"{files.Length} files");
        Assert.Empty(files.SelectMany(file => TooWide(file, SourceText.OfCSharp(File.ReadAllText(file)))));
    }

    [Fact]
    public void No_line_of_PowerShell_is_wider_than_the_limit()
    {
        string[] files = [.. Files("*.ps1"), .. Files("*.psm1"), .. Files("*.psd1")];

        Assert.True(files.Length > 30, $"{files.Length} files");
        Assert.Empty(files.SelectMany(file => TooWide(file, SourceText.OfPowerShell(File.ReadAllText(file)))));
    }

    [Theory]
    [InlineData("Call(first, second, \"text\");", "\"text\"", false)]
    [InlineData("    $\"{(a ? \"x\" : \"y\")} and more\",", "$\"{(a ? \"x\" : \"y\")} and more\"", true)]
    [InlineData("    @\"C:\\\" + tail", "@\"C:\\\"", true)]
    public void The_rule_sees_where_a_text_begins_and_ends(string line, string text, bool first)
    {
        (int start, int length) = Assert.Single(SourceText.OfCSharp(line).Literals);

        Assert.Equal(text, line.Substring(start, length));
        Assert.Equal(first, line[..start].Trim().Length == 0);
    }

    private static IEnumerable<string> TooWide(string file, SourceText text) =>
        from line in text.Lines
        where line.Text.Length > Widest && line.Text.Trim().Length - text.LongestLiteralIn(line) > LeastBesideText
        select $"{Path.GetRelativePath(Repository.Root, file)}:{line.Number}: {line.Text.Length} columns";

    private static IEnumerable<string> Files(string pattern) =>
        from room in s_rooms
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, room), pattern, SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
        where !s_exempt.Any(part => path.Contains(part, StringComparison.Ordinal))
        select file;

    private sealed record SourceLine(int Number, int Start, string Text);

    /// <summary>A file's lines, and where its texts stand.</summary>
    private sealed class SourceText(string text, IReadOnlyList<(int Start, int Length)> literals)
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

        /// <summary>Columns of the line's longest text; one of several lines counts with its part.</summary>
        public int LongestLiteralIn(SourceLine line) => literals
            .Select(l => Math.Min(l.Start + l.Length, line.Start + line.Text.Length) - Math.Max(l.Start, line.Start))
            .DefaultIfEmpty(0).Max();

        // The end of the text that begins at i with any of ", $", @", $@", """, $$""".
        private static int? Literal(string text, int i)
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
                        at = Hole(text, at + run);
                    }
                }
            }
            return text.Length;
        }

        // The closing brace of the hole that begins at i; it may hold texts of its own.
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
}
