using Xunit;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>Lines have at most 140 columns, so that two files stand beside each other on a screen and differences read well.</summary>
public sealed class LineWidthTests
{
    private const int Widest = 140;

    // A line may be longer if it consists almost entirely of one string literal, which can't be broken without changing it.
    private const int LeastBesideText = 40;

    private static readonly string[] s_rooms = ["src", "tests", "benchmarks", "build", "examples", "module"];

    // Third-party files, which are kept byte for byte, and generated files.
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
}
