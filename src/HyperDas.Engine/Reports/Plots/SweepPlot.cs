using ScottPlot;
using ScottPlot.TickGenerators;

namespace HyperDas.Engine.Reports.Plots;

/// <summary>
/// Draws scores over the intervention layer or the feature dimension. For one method: cause, isolate and disentangle; for several:
/// disentangle as lines, cause dashed and isolate dotted. Scores that differ only in seed or domain are averaged, with a band over their
/// range.
/// </summary>
public static class SweepPlot
{
    /// <summary>The picture.</summary>
    /// <param name="scores">Scores of interpreters with different layers or dimensions. If there are means, only these are drawn.</param>
    /// <param name="kind">The swept quantity.</param>
    /// <param name="options">Appearance.</param>
    /// <exception cref="HyperDasException"><c>PlotInputInvalid</c>: there aren't two places to draw a line between.</exception>
    public static Picture Of(IReadOnlyList<RavelScore> scores, PlotKind kind, PlotOptions options)
    {
        bool layers = kind == PlotKind.LayerSweep;
        RavelScore[] drawn = [.. Means(scores, layers).Where(s => PlaceOf(s, layers) is not null)];
        if (drawn.Select(s => PlaceOf(s, layers)).Distinct().Count() < 2)
        {
            throw new HyperDasException(
                "PlotInputInvalid", HyperDasErrorKind.InvalidArgument,
                $"A {(layers ? "layer" : "dimension")} sweep needs scores of at least two {(layers ? "layers" : "feature dimensions")}; "
                + $"these scores have {string.Join(", ", drawn.Select(s => PlaceOf(s, layers)).Distinct().DefaultIfEmpty(null).Select(p => p?.ToString() ?? "none"))}.",
                scores);
        }
        string title = options.Title ?? $"Scores by {(layers ? "intervention layer" : "feature dimension")}";
        return Picture.Plotted(options, 420, title, () => Make(drawn, layers, title));
    }

    /// <summary>Whether there is a sweep: one method at several layers or dimensions.</summary>
    /// <param name="scores">Scores.</param>
    /// <param name="kind">The swept quantity.</param>
    internal static bool Applies(IReadOnlyList<RavelScore> scores, PlotKind kind)
    {
        RavelScore[] means = Means(scores, kind == PlotKind.LayerSweep);
        string[] names = ScoreLabels.Series(means);
        return means.Zip(names).GroupBy(s => s.Second)
            .Any(g => g.Select(s => PlaceOf(s.First, kind == PlotKind.LayerSweep)).OfType<int>().Distinct().Count() > 1);
    }

    // Attributes have their own picture; over layers, means are drawn, that of all domains in preference to those of each.
    // The references have no dimension to choose.
    private static RavelScore[] Means(IReadOnlyList<RavelScore> scores, bool layers)
    {
        RavelScore[] swept = [.. scores.Where(s => layers || !ScoreLabels.IsReference(s))];
        RavelScore[] means = [.. swept.Where(s => s.Attribute == RavelScore.All && s.Template is null)];
        RavelScore[] all = [.. means.Where(s => s.Domain == RavelScore.All)];
        return all.Length > 0 ? all : means.Length > 0 ? means : swept;
    }

    private static int? PlaceOf(RavelScore score, bool layers) => layers ? score.Layer : score.FeatureDimension;

    private static Plot Make(RavelScore[] scores, bool layers, string title)
    {
        // Dimensions usually double from one to the next.
        Func<int, double> at = layers ? place => place : place => Math.Log2(Math.Max(1, place));
        string[] names = ScoreLabels.Series(scores);
        string[] series = [.. names.Distinct()];
        string measures = series.Length == 1 ? "% of examples" : "disentangle, % (cause dashed, isolate dotted)";
        Plot plot = PlotStyle.New(title, layers ? "intervention layer" : "feature dimension", measures);
        for (int i = 0; i < series.Length; i++)
        {
            RavelScore[] own = [.. scores.Where((_, n) => names[n] == series[i])];
            bool alone = series.Length == 1;
            Line(plot, own, layers, at, s => s.Cause,
                s => s.CauseInterval, alone ? 0 : i, alone ? "cause" : "", alone ? LinePattern.Solid : LinePattern.Dashed);
            Line(plot, own, layers, at, s => s.Isolate,
                s => s.IsolateInterval, alone ? 1 : i, alone ? "isolate" : "", alone ? LinePattern.Solid : LinePattern.Dotted);
            Line(plot, own, layers, at, s => s.Disentangle,
                s => s.DisentangleInterval, alone ? 2 : i, alone ? "disentangle" : series[i], LinePattern.Solid);
        }
        int[] places = [.. scores.Select(s => PlaceOf(s, layers)!.Value).Distinct().Order()];
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            [.. places.Select(at)], [.. places.Select(p => p.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        PlotStyle.Percent(plot.Axes.Left);
        double margin = Math.Max(0.1, (at(places[^1]) - at(places[0])) * 0.04);
        plot.Axes.SetLimits(at(places[0]) - margin, at(places[^1]) + margin, -3, 103);
        PlotStyle.ShowLegend(plot);
        return plot;
    }

    private static void Line(
        Plot plot, RavelScore[] scores, bool layers, Func<int, double> at, Func<RavelScore, double> value,
        Func<RavelScore, ScoreInterval?> interval,
        int look, string name, LinePattern pattern)
    {
        IGrouping<int, RavelScore>[] places = [.. scores.GroupBy(s => PlaceOf(s, layers)!.Value).OrderBy(g => g.Key)];
        foreach (IGrouping<int, RavelScore> place in places.Where(_ => name.Length > 0))
        {
            // A single score has its interval; several have a band.
            if (place.Count() == 1 && interval(place.First()) is { } known)
            {
                Series.AddInterval(plot, Series.Colour(look), (at(place.Key), at(place.Key)), (known.Low, known.High));
            }
        }
        if (name.Length > 0 && Array.Exists(places, place => place.Count() > 1))
        {
            Series.AddBand(plot, Series.Colour(look), [.. places.Select(p => at(p.Key))], [.. places.Select(p => p.Min(value))],
                [.. places.Select(p => p.Max(value))]);
        }
        ScottPlot.Plottables.Scatter line = Series.Add(
            plot, look, [.. places.Select(p => at(p.Key))], [.. places.Select(p => p.Average(value))], name, points: name.Length > 0);
        line.LinePattern = pattern;
        line.LineWidth = name.Length > 0 ? 2 : 1.2f;
    }
}
