using System.Text;
using HyperDas.Engine.Tokenization.Unicode;
using Xunit;

namespace HyperDas.Engine.Tests.Tokenization;

public sealed class ComposedFormTests
{
    // Written with code points: an editor might compose them. From the examples of Unicode Standard Annex 15 and its conformance test.
    [Theory]
    [InlineData("0041", "0041")]
    [InlineData("0065 0301", "00E9")]
    [InlineData("00E9", "00E9")]
    [InlineData("212B", "00C5")]
    [InlineData("2126", "03A9")]
    [InlineData("0044 0307 0323", "1E0C 0307")]
    [InlineData("1E0B 0323", "1E0D 0307")]
    [InlineData("006F 0302 0323", "1ED9")]
    [InlineData("0061 0308 0323", "1EA1 0308")]
    [InlineData("0061 0315 0300 05AE 0300 0062", "00E0 05AE 0300 0315 0062")]
    [InlineData("0958", "0915 093C")]
    [InlineData("0344", "0308 0301")]
    [InlineData("1100 1161 11A8", "AC01")]
    [InlineData("AC00 11A8", "AC01")]
    [InlineData("AC01 11A8", "AC01 11A8")]
    [InlineData("0CC6 0CC2 0CD5", "0CCB")]
    [InlineData("1D15E", "1D157 1D165")]
    [InlineData("0301 0065", "0301 0065")]
    [InlineData("0065 0334 0301", "00E9 0334")]
    public void Text_is_composed_as_the_standard_says(string text, string composed)
    {
        string actual = string.Join(' ', ComposedForm.Compose(Characters(text)).Select(piece => piece.Rune.Value.ToString("X4")));

        Assert.Equal(composed, actual);
    }

    [Fact]
    public void Every_character_of_the_text_is_accounted_for()
    {
        string text = Characters("0061 0308 0020 006F 0302 0323 0958 1D15E AC01 0078");

        List<ComposedForm.Piece> pieces = ComposedForm.Compose(text);

        Assert.Equal(text.EnumerateRunes().Count(), pieces.Sum(piece => 1 - piece.Change));
    }

    [Fact]
    public void Composing_twice_changes_nothing_more()
    {
        StringBuilder all = new();
        for (int value = 0; value < 0x30000; value += 7)
        {
            all.Append(Rune.IsValid(value) ? new Rune(value).ToString() : "");
        }
        string once = Text(ComposedForm.Compose(all.ToString()));

        Assert.Equal(once, Text(ComposedForm.Compose(once)));
        Assert.NotEqual(all.ToString(), once);
    }

    private static string Text(List<ComposedForm.Piece> pieces) => string.Concat(pieces.Select(piece => piece.Rune.ToString()));

    private static string Characters(string codePoints) =>
        string.Concat(codePoints.Split(' ').Select(code => new Rune(Convert.ToInt32(code, 16)).ToString()));
}
