using System.Diagnostics;

namespace HyperDas.Benchmarks;

/// <summary>Medians of one piece of work.</summary>
/// <param name="Seconds">Wall-clock time.</param>
/// <param name="ProcessorSeconds">Processor time of all threads: what remains comparable when others use the machine too.</param>
internal readonly record struct Timing(double Seconds, double ProcessorSeconds)
{
    private const int WarmUpRounds = 3;

    /// <summary>Measures pieces of work in turns, so that whatever else the machine does meets all of them alike.</summary>
    /// <param name="rounds">How often.</param>
    /// <param name="work">Pieces of work; each gets the number of the round.</param>
    /// <returns>Medians, in the order of the work.</returns>
    internal static Timing[] InTurns(int rounds, params Action<int>[] work)
    {
        List<Timing>[] samples = [.. work.Select(_ => new List<Timing>())];
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            for (int i = 0; i < work.Length; i++)
            {
                Timing sample = Once(() => work[i](round + WarmUpRounds));
                if (round >= 0)
                {
                    samples[i].Add(sample);
                }
            }
        }
        return [.. samples.Select(Median)];
    }

    /// <summary>Measures once.</summary>
    /// <param name="work">What.</param>
    internal static Timing Once(Action work)
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        work();
        return new Timing(Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    /// <summary>Medians, each by itself.</summary>
    /// <param name="samples">At least one.</param>
    internal static Timing Median(IReadOnlyList<Timing> samples) =>
        new(Middle(samples.Select(s => s.Seconds)), Middle(samples.Select(s => s.ProcessorSeconds)));

    private static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
