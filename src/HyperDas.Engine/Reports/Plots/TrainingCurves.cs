using ScottPlot;
using ScottPlot.Plottables;

namespace HyperDas.Engine.Reports.Plots;

/// <summary>
/// Draws losses over steps: total, prediction and sparsity loss for one training, total losses for several. The values themselves are faint
/// behind a moving mean. Validation results have their own axis, in percent.
/// </summary>
public static class TrainingCurves
{
    private const int SmoothFrom = 60, WindowShare = 30, MostPoints = 600;

    /// <summary>The picture.</summary>
    /// <param name="runs">Trainings.</param>
    /// <param name="options">Appearance.</param>
    /// <exception cref="HyperDasException"><c>PlotInputInvalid</c>: there is no step to draw.</exception>
    public static Picture Of(IReadOnlyList<TrainingRun> runs, PlotOptions options)
    {
        TrainingRun[] drawn = [.. runs.Where(r => r.Steps.Count > 0)];
        if (drawn.Length == 0)
        {
            throw new HyperDasException(
                "PlotInputInvalid", HyperDasErrorKind.InvalidArgument,
                "Training curves need metrics of at least one step; this training has none.", runs);
        }
        string title = options.Title ?? (drawn.Length == 1 ? $"Training: {drawn[0].Name}" : "Training");
        return Picture.Plotted(options, 400, title, () => Make(drawn, title));
    }

    private static Plot Make(TrainingRun[] runs, string title)
    {
        Plot plot = PlotStyle.New(title, "step", "loss");
        if (runs.Length == 1)
        {
            IReadOnlyList<TrainingStep> steps = runs[0].Steps;
            bool sparsity = steps.Any(s => s.SparsityLoss != 0);
            Curve(plot, 0, steps, s => s.Loss, "total");
            if (steps.Any(s => s.PredictionLoss != s.Loss))
            {
                Curve(plot, 1, steps, s => s.PredictionLoss, "prediction");
            }
            if (sparsity)
            {
                Curve(plot, 2, steps, s => s.SparsityLoss, "sparsity");
            }
        }
        for (int i = 0; i < runs.Length && runs.Length > 1; i++)
        {
            Curve(plot, i, runs[i].Steps, s => s.Loss, runs[i].Name);
        }
        if (runs.Length == 1)
        {
            Validation(plot, [.. runs[0].Steps.Where(s => s.Validation is not null)]);
        }
        plot.Axes.AutoScale();
        AxisLimits limits = plot.Axes.GetLimits();
        plot.Axes.SetLimits(limits.Left, limits.Right, Math.Min(0, limits.Bottom), limits.Top);
        plot.Axes.SetLimitsY(0, 100, plot.Axes.Right);
        PlotStyle.ShowLegend(plot);
        return plot;
    }

    private static void Validation(Plot plot, TrainingStep[] seen)
    {
        if (seen.Length == 0)
        {
            return;
        }
        PlotStyle.RightPercent(plot, "validation, %");
        double[] x = [.. seen.Select(s => (double)s.Step)];
        Add(3, s => s.Score, "validation");
        Add(4, s => s.Wordings.LastOrDefault(w => w.Wording != RavelWording.Absent)?.WorstCause ?? double.NaN, "worst attribute's cause");

        void Add(int index, Func<TrainingValidation, double> value, string name)
        {
            Scatter line = Series.Add(plot, index, x, [.. seen.Select(s => value(s.Validation!))], name, points: true);
            line.MarkerSize = 5;
            line.Axes.YAxis = plot.Axes.Right;
        }
    }

    private static void Curve(Plot plot, int index, IReadOnlyList<TrainingStep> steps, Func<TrainingStep, double> value, string name)
    {
        TrainingStep[] finite = [.. steps.Where(s => double.IsFinite(value(s)))];
        double[] x = [.. finite.Select(s => (double)s.Step)], y = [.. finite.Select(value)];
        if (y.Length >= SmoothFrom)
        {
            Scatter raw = Series.Add(plot, index, Thin(x), Thin(y), "", points: false);
            raw.LineWidth = 1;
            raw.Color = Series.Colour(index).WithAlpha(0.25);
            (x, y) = (Thin(x), Thin(Smooth(y)));
        }
        Series.Add(plot, index, x, y, name, points: y.Length < 3);
    }

    /// <summary>A moving mean around each value, over fewer values at the ends.</summary>
    /// <param name="values">Values in order.</param>
    internal static double[] Smooth(double[] values)
    {
        int half = Math.Max(1, values.Length / WindowShare / 2);
        return
        [
            .. Enumerable.Range(0, values.Length).Select(i =>
            {
                int from = Math.Max(0, i - half), to = Math.Min(values.Length, i + half + 1);
                return values[from..to].Average();
            }),
        ];
    }

    // More points don't fit into a picture, and files of long trainings stay small.
    private static double[] Thin(double[] values)
    {
        int stride = (values.Length + MostPoints - 1) / MostPoints;
        return stride <= 1 ? values : [.. values.Where((_, i) => i % stride == 0 || i == values.Length - 1)];
    }
}
