using System.Globalization;
using System.Xml.Linq;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Reports;
using Xunit;

namespace HyperDas.Engine.Tests.Reports;

public sealed class SimilarityMatrixTests
{
    private static readonly ConceptSimilarity s_three = new(
        ["Country", "Continent", "Language"], [[1, 0.5, 0.2], [0.5, 1, 0.1], [0.2, 0.1, 1]], SimilarityMeasure.Overlap);

    [Theory]
    [InlineData(900, null)]
    [InlineData(null, 700)]
    [InlineData(900, 700)]
    [InlineData(2000, 400)]
    public void The_squares_fill_the_size_that_a_plot_is_given(int? width, int? height)
    {
        (int Width, int Height, double Side, double Right, double Bottom) own = Sizes(new PlotOptions()),
            asked = Sizes(new PlotOptions { Width = width, Height = height });

        Assert.True(asked.Side > own.Side, $"{asked.Side} after {own.Side}");
        Assert.True(width is null || asked.Width == width);
        Assert.True(height is null || asked.Height == height);
        Assert.True(asked.Right <= asked.Width && asked.Bottom <= asked.Height);
        // Larger ones would have no place beside the labels in one direction.
        int labels = own.Width - (int)(3 * (own.Side + 1));
        Assert.True(
            asked.Right > asked.Width - labels - 3 || asked.Bottom > asked.Height - 20, $"{asked.Right}, {asked.Bottom} of {asked}");
    }

    [Fact]
    public void A_plot_that_is_too_small_for_its_concepts_says_how_large_it_must_be()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(
            () => SimilarityMatrix.Of(s_three, new PlotOptions { Width = 240 }));

        Assert.Equal("OptionInvalid", error.ErrorId);
        string least = error.Message.Split(' ')[8];
        Assert.Equal($"Width is 240; it must be at least {least} for these concepts.", error.Message);
        Assert.Equal(
            int.Parse(least, CultureInfo.InvariantCulture),
            Sizes(new PlotOptions { Width = int.Parse(least, CultureInfo.InvariantCulture) }).Width);
    }

    // The picture's size, the side of its squares, and where the last one ends.
    private static (int Width, int Height, double Side, double Right, double Bottom) Sizes(PlotOptions options)
    {
        XElement svg = XElement.Parse(SimilarityMatrix.Of(s_three, options).Svg());
        XElement[] squares = [.. svg.Descendants().Where(e => e.Name.LocalName == "rect" && e.Attribute("stroke") is not null)];
        double side = Assert.Single(squares.Select(square => Of(square, "width")).Distinct());
        Assert.Equal(9, squares.Length);
        return ((int)Of(svg, "width"), (int)Of(svg, "height"), side, Of(squares[^1], "x") + side, Of(squares[^1], "y") + side);
    }

    private static double Of(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
