namespace HyperDas.Engine.Evaluation;

/// <summary>A score before its numbers are computed: from examples, or as the mean of other rows.</summary>
/// <param name="Score">The score without its numbers.</param>
/// <param name="Cause">Cause examples; empty for a mean.</param>
/// <param name="Isolate">Isolate examples; empty for a mean.</param>
/// <param name="Parts">The rows whose mean it is; empty for a row of examples.</param>
internal sealed record ScoreRow(RavelScore Score, ScoreSide Cause, ScoreSide Isolate, IReadOnlyList<ScoreRow> Parts)
{
    /// <summary>Cause and isolate in percent; NaN without examples.</summary>
    /// <param name="weights">Multiplicity of each entity; null for 1.</param>
    internal (double Cause, double Isolate) Percent(int[]? weights)
    {
        if (Parts.Count == 0)
        {
            // An unchanged answer is correct; the cause score is the percentage of changed ones.
            double cause = Cause.Percent(weights);
            return (Score.Wording == RavelWording.Absent ? 100 - cause : cause, Isolate.Percent(weights));
        }
        (double Cause, double Isolate)[] parts = [.. Parts.Select(part => part.Percent(weights))];
        return (ScoreSide.Mean(parts.Select(part => part.Cause)), ScoreSide.Mean(parts.Select(part => part.Isolate)));
    }

    /// <summary>
    /// For a mean, the attribute row with the worst cause score: the lowest, or the highest where nothing may change; null for one
    /// attribute.
    /// </summary>
    internal RavelScore? Worst()
    {
        if (Parts.Count == 0)
        {
            return null;
        }
        double sign = Score.Wording == RavelWording.Absent ? -1 : 1;
        return Leaves().Select(row => row.Score with { Cause = row.Percent(weights: null).Cause })
            .Where(score => !double.IsNaN(score.Cause)).MinBy(score => sign * score.Cause);
    }

    private IEnumerable<ScoreRow> Leaves() => Parts.Count == 0 ? [this] : Parts.SelectMany(part => part.Leaves());

    /// <summary>The mean row of others, over all their examples.</summary>
    internal static ScoreRow MeanOf(IReadOnlyList<ScoreRow> parts, string domain) => new(
        parts[0].Score with
        {
            Domain = domain,
            Attribute = RavelScore.All,
            CauseCount = parts.Sum(part => part.Score.CauseCount),
            IsolateCount = parts.Sum(part => part.Score.IsolateCount),
        },
        new ScoreSide([]), new ScoreSide([]), parts);
}
