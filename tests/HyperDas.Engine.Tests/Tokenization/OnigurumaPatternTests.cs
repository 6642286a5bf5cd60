using HyperDas.Engine.Tokenization.Steps;
using Xunit;

namespace HyperDas.Engine.Tests.Tokenization;

/// <summary>Expressions of tokenizers' files find what Oniguruma, for which they are written, finds.</summary>
public class OnigurumaPatternTests
{
    [Theory]
    [InlineData("[^\\r\\n]?+a", "a", "")]
    [InlineData("[^\\r\\n]?+a", "aa", "0-2")]
    [InlineData("(ab|a)++b", "ab abb", "3-6")]
    [InlineData("(?:ab|c)*+d", "ababd cd", "0-5 6-8")]
    [InlineData(" ?[^\\s\\p{L}]++[\\r\\n]*", "a ,,\n", "1-5")]
    [InlineData("\\p{L}{2}?", "abc", "0-2")]
    [InlineData("[[:alpha:]]+", "ab1[:", "0-2")]
    [InlineData("[^[:space:]x]+", "ab xc", "0-2 4-5")]
    [InlineData("\\w+", "\u0928\u092E\u0938\u094D\u0924\u0947!", "0-6")]
    [InlineData("[\\w-]+", "\u0928\u0947-a b", "0-4 5-6")]
    [InlineData("\\W", "\u0947.", "1-2")]
    [InlineData("\\s+$", "a \nb ", "1-2 4-5")]
    [InlineData("^a", "a\na", "0-1 2-3")]
    [InlineData("[]a]+", "a]b", "0-2")]
    [InlineData("\\[a+", "[aa", "0-3")]
    public void Matches_are_those_of_oniguruma(string pattern, string text, string expected) => Assert.Equal(
        expected, string.Join(' ', CodePointPattern.Expression(pattern).Matches(text).Select(m => $"{m.Start}-{m.End}")));

    [Theory]
    [InlineData("[a[bc]]")]
    [InlineData("[\\w&&[^a]]")]
    [InlineData("[[:punct:]]")]
    [InlineData("(?m:.+)")]
    [InlineData("(?s).")]
    [InlineData("\\h+")]
    [InlineData("\\p{Han}")]
    [InlineData("a{2}+")]
    [InlineData("[\\W]")]
    public void What_net_would_read_otherwise_is_refused(string pattern) =>
        Assert.ThrowsAny<ArgumentException>(() => CodePointPattern.Expression(pattern));

    [Fact]
    public void An_expression_is_known_by_what_its_file_says() =>
        Assert.Equal("/a++/", CodePointPattern.Expression("a++").ToString());
}
