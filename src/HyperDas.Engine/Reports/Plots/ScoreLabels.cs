namespace HyperDas.Engine.Reports.Plots;

/// <summary>Names scores by their differences: words that all of them share are omitted.</summary>
internal static class ScoreLabels
{
    private static readonly Dictionary<RavelWording, string> s_wordings = new()
    {
        [RavelWording.Trained] = "trained wording", [RavelWording.Unseen] = "unseen wording", [RavelWording.Absent] = "absent concepts",
    };

    private static readonly Func<RavelScore, string?>[] s_series =
    [
        s => s.Method, s => s.SelectionMode.ToString(), s => s.Dialect == RavelDialect.HyperDas ? null : s.Dialect.ToString(),
        s => s.HeldOut.ToString(), s => s_wordings[s.Wording], s => s.Settings,
    ];

    private static readonly Func<RavelScore, string?>[] s_places =
        [s => s.Layer is { } l ? $"layer {l}" : null, s => s.FeatureDimension is { } k ? $"k = {k}" : null];

    /// <summary>Method, selection mode, dialect and kind of test of each score.</summary>
    /// <param name="scores">All scores of a picture.</param>
    /// <returns>A name for each; empty where all are of one kind.</returns>
    internal static string[] Series(IReadOnlyList<RavelScore> scores) => Names(scores, s_series);

    /// <summary>The same with layer and dimension, which are on the axis of a sweep, if one method has several.</summary>
    /// <param name="scores">All scores of a picture.</param>
    internal static string[] Groups(IReadOnlyList<RavelScore> scores)
    {
        string[] series = Series(scores);
        return Names(scores, [.. s_series,
            .. s_places.Where(place => scores.Zip(series).GroupBy(s => s.Second, s => place(s.First)).Any(g => g.Distinct().Count() > 1))]);
    }

    /// <summary>Whether a score is of a reference rather than of a method.</summary>
    /// <param name="score">A score.</param>
    internal static bool IsReference(RavelScore score) => Enum.GetNames<ReferenceMethod>().Contains(score.Method);

    /// <summary>Concept of each score, and if needed its method.</summary>
    /// <param name="scores">All scores of a picture.</param>
    internal static string[] Rows(IReadOnlyList<RavelScore> scores)
    {
        string[] series = Groups(scores);
        bool domains = scores.Select(s => s.Domain).Distinct().Count() > 1;
        return [.. scores.Select((s, i) => string.Join(" · ", Parts(s, series[i], domains)))];
    }

    private static IEnumerable<string> Parts(RavelScore score, string series, bool domains)
    {
        bool mean = score.Attribute == RavelScore.All;
        yield return !mean ? score.Attribute : score.Domain == RavelScore.All || !domains ? "mean" : $"mean of {score.Domain}";
        if (domains && !mean)
        {
            yield return score.Domain;
        }
        if (score.Template is { } template)
        {
            yield return template;
        }
        if (series.Length > 0)
        {
            yield return series;
        }
    }

    private static string[] Names(IReadOnlyList<RavelScore> scores, Func<RavelScore, string?>[] words)
    {
        Func<RavelScore, string?>[] telling = [.. words.Where(word => scores.Select(word).Distinct().Count() > 1)];
        return [.. scores.Select(s => string.Join(", ", telling.Select(word => word(s)).OfType<string>()))];
    }
}
