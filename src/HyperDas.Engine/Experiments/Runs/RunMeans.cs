namespace HyperDas.Engine.Experiments.Runs;

/// <summary>Averages runs that differ only in their seeds.</summary>
public static class RunMeans
{
    /// <summary>One mean for each combination of the other settings, in the order of first occurrence.</summary>
    /// <param name="runs">Runs of one document or folder.</param>
    public static IReadOnlyList<ExperimentMean> Of(IReadOnlyList<ExperimentStatus> runs) =>
        [.. runs.GroupBy(run => (Experiment(run.Name), Key(run))).Select(group => Mean(group.Key.Item1, [.. group]))];

    private static string Key(ExperimentStatus run) =>
        string.Join('\n', RunLabels.WithoutSeeds(run.Values).Select(v => $"{v.Key}={v.Value}"));

    private static string Experiment(string name) => name.Split('/')[0];

    private static ExperimentMean Mean(string experiment, ExperimentStatus[] runs)
    {
        IReadOnlyDictionary<string, string> values = RunLabels.WithoutSeeds(runs[0].Values);
        ExperimentStatus[] finished = [.. runs.Where(run => run.Mean is not null)];
        double[] cause = [.. finished.Select(run => run.Cause!.Value)], isolate = [.. finished.Select(run => run.Isolate!.Value)];
        double[] disentangle = [.. finished.Select(run => run.Disentangle!.Value)];
        string text = RunLabels.Text(values);
        return new ExperimentMean
        {
            Name = text.Length > 0 ? $"{experiment}: {text}" : experiment,
            Values = values,
            Runs = runs.Length,
            Finished = finished.Length,
            Cause = Average(cause), Isolate = Average(isolate), Disentangle = Average(disentangle),
            CauseDeviation = Deviation(cause), IsolateDeviation = Deviation(isolate), DisentangleDeviation = Deviation(disentangle),
            DisentangleRange = disentangle.Length == 0 ? null : new ScoreInterval(disentangle.Min(), disentangle.Max()),
            Duration = runs.Aggregate(TimeSpan.Zero, (sum, run) => sum + run.Duration),
            Scores = [.. finished.SelectMany(run => run.Scores)],
        };
    }

    private static double? Average(double[] values) => values.Length == 0 ? null : values.Average();

    private static double? Deviation(double[] values)
    {
        if (values.Length < 2)
        {
            return null;
        }
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }
}
