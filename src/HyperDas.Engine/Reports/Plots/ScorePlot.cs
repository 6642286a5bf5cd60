using ScottPlot;
using ScottPlot.TickGenerators;

namespace HyperDas.Engine.Reports.Plots;

/// <summary>
/// Draws cause, isolate and disentangle of each score as points on a scale from 0 to 100 %, with their 95 % intervals as lines.
/// </summary>
public static class ScorePlot
{
    private const int RowHeight = 44, Frame = 150, LongestLabel = 44;

    private static readonly (string Name, Func<RavelScore, double> Value, Func<RavelScore, ScoreInterval?> Interval)[] s_measures =
    [
        ("cause", s => s.Cause, s => s.CauseInterval),
        ("isolate", s => s.Isolate, s => s.IsolateInterval),
        ("disentangle", s => s.Disentangle, s => s.DisentangleInterval),
    ];

    /// <summary>The picture.</summary>
    /// <param name="scores">Scores, at least one, top to bottom.</param>
    /// <param name="options">Appearance.</param>
    public static Picture Of(IReadOnlyList<RavelScore> scores, PlotOptions options)
    {
        scores = SeedMeans.Of(scores);
        string title = options.Title ?? TitleOf(scores);
        return Picture.Plotted(options, Frame + (RowHeight * scores.Count), title, () => Make(scores, title));
    }

    private static string TitleOf(IReadOnlyList<RavelScore> scores)
    {
        string[] domains = [.. scores.Select(s => s.Domain).Distinct()], methods = [.. scores.Select(s => s.Method).Distinct()];
        return $"{(domains.Length == 1 ? domains[0] : "RAVEL scores")}{(methods.Length == 1 ? $": {methods[0]}" : "")}";
    }

    private static Plot Make(IReadOnlyList<RavelScore> scores, string title)
    {
        Plot plot = PlotStyle.New(title, "% of examples", "");
        double[] rows = [.. Enumerable.Range(0, scores.Count).Select(i => -(double)i)];
        for (int m = 0; m < s_measures.Length; m++)
        {
            (string name, Func<RavelScore, double> value, Func<RavelScore, ScoreInterval?> interval) = s_measures[m];
            double[] y = [.. rows.Select(row => row + ((1 - m) * 0.22))];
            for (int i = 0; i < scores.Count; i++)
            {
                if (interval(scores[i]) is { } range)
                {
                    Series.AddInterval(plot, Series.Colour(m), (range.Low, range.High), (y[i], y[i]));
                }
            }
            Series.Add(plot, m, [.. scores.Select(value)], y, name, points: true).LineWidth = 0;
        }
        plot.Axes.Left.TickGenerator = new NumericManual(rows, [.. ScoreLabels.Rows(scores).Select(Short)]);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        PlotStyle.Percent(plot.Axes.Bottom);
        plot.Axes.SetLimits(-2, 102, 0.6 - scores.Count, 0.6);
        PlotStyle.ShowLegend(plot);
        return plot;
    }

    private static string Short(string label)
    {
        string shown = Drawing.Surface.Shown(label);
        return shown.Length > LongestLabel ? shown[..(LongestLabel - 1)] + "…" : shown;
    }
}
