using ScottPlot;
using ScottPlot.Plottables;

namespace HyperDas.Engine.Reports.Plots;

/// <summary>Style of lines and points: every series has its own colour and point shape.</summary>
internal static class Series
{
    private static readonly MarkerShape[] s_shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleUp,
            MarkerShape.FilledTriangleDown];

    /// <summary>Colour of the nth series.</summary>
    /// <param name="index">n, 0-based.</param>
    internal static Color Colour(int index) => Color.FromHex(Drawing.Colours.Categories[index % Drawing.Colours.Categories.Count]);

    /// <summary>Adds a line.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="index">Index of the style, 0-based.</param>
    /// <param name="x">Positions.</param>
    /// <param name="y">Values.</param>
    /// <param name="name">Name in the legend; empty for none.</param>
    /// <param name="points">Whether to mark its points.</param>
    internal static Scatter Add(Plot plot, int index, double[] x, double[] y, string name, bool points)
    {
        Scatter line = plot.Add.Scatter(x, y, Colour(index));
        line.LegendText = Drawing.Surface.Shown(name);
        line.LineWidth = 2;
        line.MarkerSize = points ? 8 : 0;
        line.MarkerShape = s_shapes[index % s_shapes.Length];
        return line;
    }

    /// <summary>Adds an interval as a thin line.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="colour">Its colour.</param>
    /// <param name="x">Horizontal ends.</param>
    /// <param name="y">Vertical ends.</param>
    internal static void AddInterval(Plot plot, Color colour, (double From, double To) x, (double From, double To) y)
    {
        LinePlot line = plot.Add.Line(x.From, y.From, x.To, y.To);
        line.LineColor = colour.WithAlpha(0.55);
        line.LineWidth = 2;
    }

    /// <summary>Adds a band between two lines, below later items.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="colour">Its colour.</param>
    /// <param name="x">Positions.</param>
    /// <param name="low">Lower ends.</param>
    /// <param name="high">Upper ends.</param>
    internal static void AddBand(Plot plot, Color colour, double[] x, double[] low, double[] high)
    {
        FillY band = plot.Add.FillY(x, low, high);
        band.FillColor = colour.WithAlpha(0.18);
        band.LineWidth = 0;
        band.MarkerSize = 0;
    }
}
