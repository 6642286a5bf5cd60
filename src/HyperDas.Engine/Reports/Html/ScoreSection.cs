using System.Globalization;
using System.Text;
using HyperDas.Engine.Reports.Plots;

namespace HyperDas.Engine.Reports.Html;

/// <summary>The scores of a report: the best mean as a headline, all as a table and as a plot.</summary>
internal static class ScoreSection
{
    /// <summary>The best mean as a headline; empty without scores.</summary>
    /// <param name="scores">All scores.</param>
    internal static string Tiles(IReadOnlyList<RavelScore> scores)
    {
        RavelScore[] means =
        [
            .. scores.Where(s => s.Attribute == RavelScore.All && s.Template is null && double.IsFinite(s.Disentangle)
                && s.Wording != RavelWording.Absent)
        ];
        RavelScore[] all = [.. means.Where(s => s.Domain == RavelScore.All)];
        RavelScore[] candidates = all.Length > 0 ? all : means;
        // References are for comparison; without other scores, the better one is shown.
        if ((candidates.Where(s => !ScoreLabels.IsReference(s)).Max() ?? candidates.Max()) is not { } best)
        {
            return "";
        }
        int several = scores.Where(s => !ScoreLabels.IsReference(s))
            .Select(s => (s.Method, s.SelectionMode, s.Dialect, s.HeldOut, s.Wording, s.Layer, s.FeatureDimension)).Distinct().Count();
        string which =
            $"{best.Method}, {best.SelectionMode} selection{(best.Layer is { } layer ? $", layer {layer}" : "")}{(best.FeatureDimension is { } k ? $", k = {k}" : "")}"
            + $"{(best.Wording == RavelWording.Unseen ? ", unseen wording" : "")}{(best.WorstAttribute is { } worst ? $"; worst attribute {worst}: cause {Number(best.WorstCause ?? double.NaN)}" : "")}";
        string note = (several > 1 ? $"The best mean: {which}. " : $"{which}. ")
            + "No intervention scores 0, 100 and 50, changing everything about 100, 0 and 50: read the three together.";
        StringBuilder html = new("<div class=\"tiles\">\n");
        Tile("cause", "answers changed as required", best.Cause, best.CauseInterval);
        Tile("isolate", "answers unchanged as required", best.Isolate, best.IsolateInterval);
        Tile("disentangle", "mean of both", best.Disentangle, best.DisentangleInterval);
        return html.Append($"</div>\n<p class=\"note\">{HtmlParts.Encode(note)}</p>\n").ToString();

        void Tile(string name, string meaning, double value, ScoreInterval? interval) => html.Append(
            $"<div class=\"tile {name}\"><span>{name}</span><b>{Number(value)}</b><small>{Interval(interval)}</small><small>{meaning}</small></div>\n");
    }

    /// <summary>The table and the plot.</summary>
    /// <param name="scores">All scores, at least one.</param>
    /// <param name="means">Whether they are means over seeds, and their intervals ranges.</param>
    internal static string Html(IReadOnlyList<RavelScore> scores, bool means = false)
    {
        string[] series = ScoreLabels.Groups(scores);
        bool domains = scores.Select(s => s.Domain).Distinct().Count() > 1;
        StringBuilder html = new(
            "<p class=\"note\">Percent of examples; the small values are " + (means ? "ranges over seeds" : "95\u00a0% intervals")
                + ", n the numbers of cause and isolate examples; worst is the attribute with the lowest cause."
            + (scores.Any(s => s.Wording == RavelWording.Absent) ? " For absent concepts nothing may change: cause 0, isolate 100." : "")
            + "</p>\n");
        foreach (IGrouping<string, int> group in Enumerable.Range(0, scores.Count).GroupBy(i => series[i]))
        {
            html.Append(group.Key.Length > 0 ? $"<h3>{HtmlParts.Encode(group.Key)}</h3>\n" : "");
            html.Append("<div class=\"scroll\"><table class=\"scores\">\n<thead><tr><th scope=\"col\">attribute</th>");
            html.Append(
                "<th scope=\"col\" class=\"number\">cause</th><th scope=\"col\" class=\"number\">isolate</th><th scope=\"col\" class=\"number\">disentangle</th>");
            html.Append("<th scope=\"col\" class=\"number count\">n</th></tr></thead>\n<tbody>\n");
            foreach (int i in group)
            {
                Row(html, scores[i], domains);
            }
            html.Append("</tbody>\n</table></div>\n");
        }
        return html.Append(Plot(scores, means)).ToString();
    }

    // With very many rows the plot shows only the means.
    private static string Plot(IReadOnlyList<RavelScore> scores, bool means)
    {
        const int MostRows = 24;
        RavelScore[] drawn =
            [.. scores.Count <= MostRows ? scores : scores.Where(s => s.Attribute == RavelScore.All && s.Template is null)];
        return drawn.Length is > 0 and <= 2 * MostRows
            ? HtmlParts.Figure(o => ScorePlot.Of(drawn, o), (drawn.Length < scores.Count ? "The means; lines are " : "Lines are ")
                + (means ? "ranges over seeds." : "95 % intervals."))
            : "";
    }

    private static void Row(StringBuilder html, RavelScore score, bool domains)
    {
        bool mean = score.Attribute == RavelScore.All;
        string name = mean ? (score.Domain == RavelScore.All || !domains ? "mean" : $"mean of {score.Domain}") : domains
            ? $"{score.Attribute} · {score.Domain}"
            : score.Attribute;
        name += score.WorstAttribute is { } worst ? $" (worst: {worst} {Number(score.WorstCause ?? double.NaN)})" : "";
        html.Append(
            $"<tr{(mean ? " class=\"mean\"" : "")}><th scope=\"row\">{HtmlParts.Encode(score.Template is { } template ? $"{name}: {template}" : name)}</th>");
        Cell("cause", score.Cause, score.CauseInterval);
        Cell("isolate", score.Isolate, score.IsolateInterval);
        Cell("disentangle", score.Disentangle, score.DisentangleInterval);
        html.Append(score.CauseCount + score.IsolateCount > 0
            ? $"<td class=\"count\">{score.CauseCount} + {score.IsolateCount}</td></tr>\n"
            : "<td class=\"count\"></td></tr>\n");

        void Cell(string name, double value, ScoreInterval? interval) => html.Append(string.Create(
            CultureInfo.InvariantCulture,
            $"<td class=\"{name}\" style=\"--share:{(double.IsFinite(value) ? value : 0):0.#}%\">{Number(value)}{(interval is null ? "" : $"<small>{Interval(interval)}</small>")}</td>"));
    }

    private static string Number(double value) => double.IsFinite(value) ? value.ToString("F1", CultureInfo.InvariantCulture) : "–";

    private static string Interval(ScoreInterval? interval) =>
        interval is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.Low:F1}–{known.High:F1}") : "";
}
