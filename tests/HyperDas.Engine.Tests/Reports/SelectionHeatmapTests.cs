using System.Xml.Linq;
using HyperDas.Engine.Reports;
using Xunit;

namespace HyperDas.Engine.Tests.Reports;

public class SelectionHeatmapTests
{
    [Fact]
    public void Every_cell_has_a_square_and_rows_and_columns_have_the_tokens_names()
    {
        XElement svg = XElement.Parse(SelectionHeatmap.Draw(Result("V", "enna")));

        Assert.Equal(1 + (3 * 2), svg.Elements().Count(e => e.Name.LocalName == "rect"));
        Assert.Empty(new[] { "V", "enna", "P", "aris", "no intervention" }.Except(Texts(svg)));
    }

    [Theory]
    [InlineData("\0", "␀")]
    [InlineData("\u001b[1m", "␛[1m")]
    [InlineData("\uffff", "\ufffd")]
    [InlineData("\u0085x", "\ufffdx")]
    [InlineData("<&\"'>", "<&\"'>")]
    [InlineData("Zürich 東京 🗼", "Zürich 東京 🗼")]
    public void A_token_of_any_characters_stays_valid_XML(string token, string shown)
    {
        XElement svg = XElement.Parse(SelectionHeatmap.Draw(Result("V", "a" + token)));

        Assert.Contains("a" + shown, Texts(svg));
    }

    // Not a case above: the test runner writes a case down as UTF-8, which has no half of a surrogate pair.
    [Fact]
    public void Half_a_surrogate_pair_stays_valid_XML() => A_token_of_any_characters_stays_valid_XML(new string('\ud800', 1), "\ufffd");

    private static IEnumerable<string> Texts(XElement svg) => svg.Elements().Where(e => e.Name.LocalName == "text").Select(e => e.Value);

    private static InterventionResult Result(params string[] baseTokens) => new()
    {
        BasePrompt = string.Concat(baseTokens),
        CounterfactualPrompt = "Paris",
        Concept = "the country of a city",
        SelectionMode = SelectionMode.Soft,
        OriginalOutput = "Austria",
        IntervenedOutput = "France\0",
        ChosenTokens = [],
        BaseTokens = baseTokens,
        SourceTokens = ["P", "aris"],
        Weights = [[0, 0.1], [0.2, 0.9], [0.8, 0]],
    };
}
