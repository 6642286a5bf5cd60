using HyperDas.Engine.Reports.Drawing;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace HyperDas.Engine.Reports.Plots;

/// <summary>The common style of all plots: the included font, two axis lines, a faint grid, a legend below.</summary>
internal static class PlotStyle
{
    /// <summary>Font size of everything except the heading.</summary>
    internal const float FontSize = 13;

    private const string FontName = "HyperDas";

    static PlotStyle() => Fonts.FontResolvers.Insert(0, new CarriedFont());

    /// <summary>An empty plot.</summary>
    /// <param name="title">Heading; null or empty for none.</param>
    /// <param name="x">Label of the horizontal axis.</param>
    /// <param name="y">Label of the vertical axis; empty for none.</param>
    internal static Plot New(string? title, string x, string y)
    {
        Plot plot = new();
        Color ink = Color.FromHex(Surface.Ink);
        plot.Font.Set(FontName);
        plot.Axes.Color(ink);
        plot.FigureBackground.Color = Colors.White;
        plot.Grid.MajorLineColor = Color.FromHex("#e4e4e4");
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        foreach (IAxis axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.TickLabelStyle.FontSize = FontSize;
            axis.Label.FontSize = FontSize;
            axis.Label.Bold = false;
            axis.FrameLineStyle.Color = Color.FromHex("#777777");
            axis.MajorTickStyle.Color = Color.FromHex("#777777");
            axis.MinorTickStyle.Length = 0;
        }
        plot.XLabel(Surface.Shown(x));
        if (y.Length > 0)
        {
            plot.YLabel(Surface.Shown(y));
        }
        if (!string.IsNullOrEmpty(title))
        {
            plot.Title(Surface.Shown(title), 15);
            plot.Axes.Title.Label.Bold = false;
        }
        return plot;
    }

    /// <summary>Shows the legend below the plot, where it doesn't cover anything.</summary>
    /// <param name="plot">The plot.</param>
    internal static void ShowLegend(Plot plot)
    {
        plot.Legend.FontSize = FontSize;
        plot.Legend.FontColor = Color.FromHex(Surface.Ink);
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.BackgroundColor = Colors.Transparent;
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.TightHorizontalWrapping = true;
        plot.Legend.Margin = new PixelPadding(0, 0, 4, 0);
        plot.ShowLegend(Edge.Bottom);
    }

    /// <summary>An axis from 0 to 100 percent.</summary>
    /// <param name="axis">The axis; its limits are set by the caller.</param>
    internal static void Percent(IAxis axis) => axis.TickGenerator = new NumericManual(
        [0d, 20, 40, 60, 80, 100], ["0", "20", "40", "60", "80", "100"]);

    /// <summary>A second vertical axis from 0 to 100 percent.</summary>
    /// <param name="plot">The plot; the axis' limits are set by the caller.</param>
    /// <param name="label">Its label.</param>
    internal static void RightPercent(Plot plot, string label)
    {
        IAxis axis = plot.Axes.Right;
        Percent(axis);
        axis.TickLabelStyle.FontSize = FontSize;
        axis.Label.FontSize = FontSize;
        axis.Label.Bold = false;
        axis.Label.Text = Surface.Shown(label);
        axis.FrameLineStyle.Width = 1;
        axis.FrameLineStyle.Color = Color.FromHex("#777777");
        axis.MajorTickStyle.Color = Color.FromHex("#777777");
        axis.MinorTickStyle.Length = 0;
    }

    private sealed class CarriedFont : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            fontName == FontName ? Fresh() : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == FontName ? Fresh() : null;

        // The caller disposes it.
        private static SKTypeface Fresh() => PictureFont.Load();
    }
}
