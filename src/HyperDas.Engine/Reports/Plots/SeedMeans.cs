namespace HyperDas.Engine.Reports.Plots;

/// <summary>Averages scores that differ only in the seed of the training; their intervals become the range over the seeds.</summary>
internal static class SeedMeans
{
    /// <summary>The scores, with each group of several seeds as one.</summary>
    /// <param name="scores">Scores, with seeds where they are known.</param>
    /// <returns>In the order of first occurrence; the same list if no group has several seeds.</returns>
    public static IReadOnlyList<RavelScore> Of(IReadOnlyList<RavelScore> scores)
    {
        RavelScore[][] groups = [.. scores.GroupBy(Key).Select(group => group.ToArray())];
        return Array.Exists(groups, HasSeveral) ? [.. groups.SelectMany(group => HasSeveral(group) ? [Mean(group)] : group)] : scores;
    }

    /// <summary>Number of seeds of the means, e.g. <c>3</c> or <c>2 to 3</c>; null where nothing is averaged.</summary>
    /// <param name="scores">All scores.</param>
    public static string? Count(IReadOnlyList<RavelScore> scores)
    {
        int[] counts =
            [.. scores.GroupBy(Key).Select(group => group.ToArray()).Where(HasSeveral).Select(group => group.Length).Distinct().Order()];
        return counts.Length switch { 0 => null, 1 => $"{counts[0]}", _ => $"{counts[0]} to {counts[^1]}" };
    }

    private static object Key(RavelScore s) => (
        (s.Domain, s.Attribute, s.Template, s.Method, s.SelectionMode),
        (s.Dialect, s.HeldOut, s.Wording, s.Layer, s.FeatureDimension, s.Settings));

    private static bool HasSeveral(RavelScore[] group) =>
        group.Length > 1 && Array.TrueForAll(group, s => s.Seed is not null)
        && group.Select(s => s.Seed).Distinct().Count() == group.Length;

    private static RavelScore Mean(RavelScore[] group)
    {
        RavelScore[] worst = [.. group.Where(s => s.WorstCause is not null)];
        string? attribute = worst.Select(s => s.WorstAttribute).Distinct().Count() == 1 ? worst[0].WorstAttribute : null;
        return group[0] with
        {
            Seed = null,
            Cause = group.Average(s => s.Cause),
            Isolate = group.Average(s => s.Isolate),
            CauseInterval = Range(group, s => s.Cause),
            IsolateInterval = Range(group, s => s.Isolate),
            DisentangleInterval = Range(group, s => s.Disentangle),
            WorstAttribute = attribute,
            WorstCause = attribute is null ? null : worst.Average(s => s.WorstCause!.Value),
        };
    }

    private static ScoreInterval Range(RavelScore[] group, Func<RavelScore, double> value) => new(group.Min(value), group.Max(value));
}
