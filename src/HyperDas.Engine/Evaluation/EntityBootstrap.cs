using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Evaluation;

/// <summary>
/// Confidence intervals by bootstrap over base entities (percentile method). All rows use the same samples, which makes the rows of one
/// call comparable; the same examples and seed give the same intervals.
/// </summary>
internal sealed class EntityBootstrap
{
    private const double Tail = 0.025;

    private readonly int[][] _samples;

    /// <summary>Draws the samples.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="samples">Number of samples.</param>
    /// <param name="seed">Seed of the samples.</param>
    internal EntityBootstrap(IReadOnlyList<RavelExample> examples, int samples, long seed)
    {
        Dictionary<(string Domain, string Entity), int> known = [];
        EntityOf = new int[examples.Count];
        for (int i = 0; i < examples.Count; i++)
        {
            (string, string) key = (examples[i].Domain, examples[i].BaseEntity);
            known.TryAdd(key, known.Count);
            EntityOf[i] = known[key];
        }
        int[][] domains = [.. known.GroupBy(e => e.Key.Domain).Select(domain => domain.Select(e => e.Value).ToArray())];
        SeededRandom random = new(seed, "bootstrap");
        _samples = new int[samples][];
        for (int s = 0; s < samples; s++)
        {
            int[] weights = _samples[s] = new int[known.Count];
            foreach (int[] domain in domains)
            {
                for (int draw = 0; draw < domain.Length; draw++)
                {
                    weights[random.Pick(domain)]++;
                }
            }
        }
    }

    /// <summary>For each example, the index of its base entity.</summary>
    internal int[] EntityOf { get; }

    /// <summary>Computes a row's numbers.</summary>
    /// <param name="row">The row.</param>
    internal RavelScore Score(ScoreRow row)
    {
        (double cause, double isolate) = row.Percent(weights: null);
        RavelScore? worst = row.Worst();
        RavelScore score =
            row.Score with { Cause = cause, Isolate = isolate, WorstAttribute = Name(worst, row.Score.Domain), WorstCause = worst?.Cause };
        if (_samples.Length == 0)
        {
            return score;
        }
        (double Cause, double Isolate)[] samples = [.. _samples.Select(row.Percent)];
        return score with
        {
            CauseInterval = Interval(samples.Select(s => s.Cause)),
            IsolateInterval = Interval(samples.Select(s => s.Isolate)),
            DisentangleInterval = Interval(samples.Select(s => RavelScore.DisentangleOf(row.Score.Wording, s.Cause, s.Isolate))),
        };
    }

    // With several domains an attribute's name alone may be ambiguous.
    private static string? Name(RavelScore? worst, string domain) =>
        worst is null ? null : domain == RavelScore.All ? $"{worst.Attribute} of {worst.Domain}" : worst.Attribute;

    // A sample may have no examples of a side; it then has no value for it.
    private static ScoreInterval? Interval(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(value => !double.IsNaN(value)).Order()];
        return sorted.Length == 0 ? null : new ScoreInterval(Quantile(sorted, Tail), Quantile(sorted, 1 - Tail));
    }

    private static double Quantile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
