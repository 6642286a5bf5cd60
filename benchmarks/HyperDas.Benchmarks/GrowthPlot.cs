using System.Globalization;
using HyperDas.Engine.Reports;
using HyperDas.Engine.Reports.Plots;
using ScottPlot;
using ScottPlot.TickGenerators;
using PlotStyle = HyperDas.Engine.Reports.Plots.PlotStyle;

namespace HyperDas.Benchmarks;

/// <summary>
/// Pictures of how a step grows: every size and what it costs, both as multiples of its smallest value, doubling from tick to tick.
/// </summary>
internal static class GrowthPlot
{
    private const int Width = 720, Height = 440, Doublings = 8;

    /// <summary>Writes <c>growth-time.svg</c> and <c>growth-memory.svg</c>.</summary>
    /// <param name="growth">What was measured.</param>
    /// <param name="folder">Where to.</param>
    internal static void Write(IReadOnlyList<Growth> growth, string folder)
    {
        Directory.CreateDirectory(folder);
        Draw(growth, "How processor time grows", "times the time", g => g.ProcessorMilliseconds)
            .Write(Path.Combine(folder, "growth-time.svg"));
        Draw(growth, "How memory beside the process grows", "times the memory", g => g.MemoryBytes)
            .Write(Path.Combine(folder, "growth-memory.svg"));
    }

    private static Picture Draw(IReadOnlyList<Growth> growth, string title, string measure, Func<Growth, double> cost) => Picture.Plotted(
        Width, Height, title, () =>
    {
        Plot plot = PlotStyle.New(title, "times the size", measure);
        // What is only linear stays on or below this line.
        plot.Add.Line(0, 0, Doublings, Doublings).LineColor = Colors.Gray.WithAlpha(0.6);
        IGrouping<string, Growth>[] sizes = [.. growth.GroupBy(g => g.Size)];
        for (int i = 0; i < sizes.Length; i++)
        {
            Growth[] steps = [.. sizes[i]];
            Series.Add(plot, i, [.. steps.Select(g => Math.Log2((double)g.Value / steps[0].Value))],
                [.. steps.Select(g => Math.Log2(cost(g) / cost(steps[0])))], sizes[i].Key, points: true);
        }
        double[] ticks = [.. Enumerable.Range(0, Doublings).Select(n => (double)n)];
        string[] labels = [.. ticks.Select(n => Math.Pow(2, n).ToString(CultureInfo.InvariantCulture))];
        plot.Axes.Bottom.TickGenerator = new NumericManual(ticks, labels);
        plot.Axes.Left.TickGenerator = new NumericManual(ticks, labels);
        double wide = growth.GroupBy(g => g.Size).Max(s => Math.Log2((double)s.Last().Value / s.First().Value));
        plot.Axes.SetLimits(-0.2, wide + 0.2, -0.4, Math.Min(Doublings, wide) + 0.4);
        PlotStyle.ShowLegend(plot);
        return plot;
    });
}
