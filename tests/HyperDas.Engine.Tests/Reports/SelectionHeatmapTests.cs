using System.Xml.Linq;
using HyperDas.Engine.Reports;
using SkiaSharp;
using Xunit;

namespace HyperDas.Engine.Tests.Reports;

public class SelectionHeatmapTests
{
    [Fact]
    public void Every_cell_has_a_square_and_rows_and_columns_have_the_tokens_names()
    {
        XElement svg = Svg(Samples.Intervention("V", "enna"));

        Assert.Equal(3 * 2, Squares(svg).Count());
        Assert.Empty(new[] { "V", "enna", "P", "aris", "no intervention", "0.90" }.Except(Texts(svg)));
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
        XElement svg = Svg(Samples.Intervention("V", "a" + token));

        Assert.Contains("a" + shown, Texts(svg));
    }

    // Not a case above: the test runner writes a case down as UTF-8, which has no half of a surrogate pair.
    [Fact]
    public void Half_a_surrogate_pair_stays_valid_XML() => A_token_of_any_characters_stays_valid_XML(new string('\ud800', 1), "\ufffd");

    [Fact]
    public void Selection_modes_stand_side_by_side_and_share_the_names_of_their_rows()
    {
        InterventionResult soft = Samples.Intervention("V", "enna");

        XElement svg = Svg(soft, soft with { SelectionMode = SelectionMode.OneToOne, IntervenedOutput = "Italy" });

        Assert.Equal(2 * 3 * 2, Squares(svg).Count());
        Assert.Single(Texts(svg), "no intervention");
        Assert.Equal(2, Texts(svg).Count(t => t == "enna"));
        Assert.Contains("OneToOne: “Austria” → “Italy”", Texts(svg));
        Assert.Equal(2 * 2, Squares(svg).Select(s => s.Attribute("x")!.Value).Distinct().Count());
        Assert.Equal(3, Squares(svg).Select(s => s.Attribute("y")!.Value).Distinct().Count());
    }

    [Fact]
    public void Interventions_with_other_prompts_keep_their_own_names()
    {
        InterventionResult first = Samples.Intervention("V", "enna");

        XElement svg = Svg(first, first with { Concept = "the language of a city", SourceTokens = ["R", "ome"] });

        Assert.Equal(2, Texts(svg).Count(t => t == "no intervention"));
        Assert.Contains("the language of a city, Soft: “Austria” → “France␀”", Texts(svg));
    }

    [Fact]
    public void Many_tokens_get_smaller_squares_and_labels_of_the_same_size_that_do_not_overlap()
    {
        XElement svg = Svg(Samples.Intervention([.. Enumerable.Range(0, 60).Select(i => "token" + i)]));

        XElement[] labels = [.. svg.Elements().Where(e => e.Value.StartsWith("token", StringComparison.Ordinal))];
        Assert.Equal(60, labels.Length);
        Assert.All(labels, l => Assert.Equal("12", l.Attribute("font-size")!.Value));
        // Slanted by 55°, lines of 12 units need 12 / sin 55° ≈ 15 between them.
        double[] places = [.. Squares(svg).Select(s => (double)s.Attribute("x")!).Distinct().Order()];
        Assert.True(places[1] - places[0] >= 15);
        Assert.DoesNotContain("0.90", Texts(svg));
    }

    [Fact]
    public void A_PNG_shows_the_weights_as_colours_and_the_labels_as_ink_whatever_fonts_there_are()
    {
        Pixels png = Pixels.Of(SelectionHeatmap.Of([Samples.Intervention("V", "enna")]).Png());

        // The squares of weight 0.9 and 0.8 are darker blues than that of 0.2.
        Assert.True(png.Count("#134b86") > 3000, "a square of weight 0.90 has the scale's colour");
        Assert.True(png.Count("#2166ac") > 3000, "a square of weight 0.80 has the scale's colour");
        Assert.True(png.Count("#d1e5f0") > 3000, "a square of weight 0.20 has the scale's colour");
        Assert.True(png.Count("#222222", SKRectI.Create(0, 0, png.Width, 70)) > 300, "the title is written");
        Assert.Equal("#ffffff", png.At(1, 1));
    }

    private static XElement Svg(params InterventionResult[] results) => XElement.Parse(SelectionHeatmap.Of(results).Svg());

    private static IEnumerable<XElement> Squares(XElement svg) =>
        svg.Elements().Where(e => e.Name.LocalName == "rect" && e.Attribute("stroke") is not null);

    private static IEnumerable<string> Texts(XElement svg) => svg.Elements().Where(e => e.Name.LocalName == "text").Select(e => e.Value);
}
