namespace HyperDas.Engine.Experiments.Runs;

/// <summary>Sums the durations of attempts.</summary>
internal static class AttemptTimes
{
    /// <summary>Total duration of all attempts.</summary>
    /// <param name="lines">Lines of the file.</param>
    /// <param name="now">End of an attempt that hasn't ended.</param>
    public static TimeSpan Sum(IEnumerable<AttemptLine> lines, DateTimeOffset now)
    {
        TimeSpan sum = TimeSpan.Zero;
        DateTimeOffset? start = null;
        foreach (AttemptLine line in lines)
        {
            start = line.Event == AttemptEvent.Started ? line.Time : start;
            if (line.IsEnd && start is { } began)
            {
                sum += Positive(line.Time - began);
                start = null;
            }
        }
        return start is { } open ? sum + Positive(now - open) : sum;
    }

    // Clocks of different machines differ slightly.
    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}
