namespace HyperDas.Engine.Experiments.Runs;

/// <summary>Adds up what attempts took.</summary>
internal static class AttemptTimes
{
    /// <summary>Time of all attempts.</summary>
    /// <param name="lines">Lines of the file.</param>
    /// <param name="now">Where an attempt that hasn't ended is counted to.</param>
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

    // Machines' clocks differ a little.
    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}
