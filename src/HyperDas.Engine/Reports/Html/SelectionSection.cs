using System.Text;
using System.Text.Json;

namespace HyperDas.Engine.Reports.Html;

/// <summary>The interactive token selection of a report: the data for the page's script, and its frame.</summary>
internal static class SelectionSection
{
    // The default encoder writes <, > and & as escapes: no text can end the script element.
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Groups interventions by concept, base and counterfactual prompt.</summary>
    /// <param name="interventions">All interventions.</param>
    internal static IEnumerable<IReadOnlyList<InterventionResult>> Questions(IReadOnlyList<InterventionResult> interventions) =>
        interventions.GroupBy(i => (i.Concept, i.BasePrompt, i.CounterfactualPrompt, Base: string.Join('\0', i.BaseTokens),
            Source: string.Join('\0', i.SourceTokens)))
            .Select(g => (IReadOnlyList<InterventionResult>)[.. g]);

    /// <summary>The section.</summary>
    /// <param name="interventions">All interventions, at least one.</param>
    internal static string Html(IReadOnlyList<InterventionResult> interventions)
    {
        IReadOnlyList<InterventionResult>[] questions = [.. Questions(interventions)];
        StringBuilder html = new();
        html.Append(
            "<p class=\"note\">Darker base tokens were replaced to a greater extent. Choose one to see the source of its new value.</p>\n");
        html.Append("<div id=\"selection-view\" hidden>\n<div class=\"controls\"><label>example<select>\n");
        for (int i = 0; i < questions.Length; i++)
        {
            InterventionResult first = questions[i][0];
            html.Append(
                $"<option value=\"{i}\">{HtmlParts.Encode($"{first.Concept}: {first.BasePrompt} ← {first.CounterfactualPrompt}")}</option>\n");
        }
        html.Append("</select></label>\n<fieldset><legend>selection</legend><div class=\"modes\"></div></fieldset></div>\n");
        html.Append(
            "<p class=\"answer\" aria-live=\"polite\"></p>\n<div class=\"strip\"><span>base prompt, edited</span><div class=\"tokens base\"></div></div>\n");
        html.Append(
            "<div class=\"strip\"><span>counterfactual prompt, source of the new values</span><div class=\"tokens source\"></div></div>\n");
        html.Append("<p class=\"says\" aria-live=\"polite\"></p>\n<details open><summary>All weights</summary>");
        html.Append("<div class=\"scroll\"><table class=\"matrix\"></table></div></details>\n</div>\n");
        html.Append($"<noscript><figure>{SelectionHeatmap.Of(questions[0]).Svg()}</figure></noscript>\n");
        html.Append(
            $"<script type=\"application/json\" id=\"selection-data\">{JsonSerializer.Serialize(questions.Select(Data), s_json)}</script>\n");
        return html.ToString();
    }

    private static object Data(IReadOnlyList<InterventionResult> modes) => new
    {
        Base = modes[0].BaseTokens.Select(Drawing.Surface.Shown),
        Source = modes[0].SourceTokens.Select(Drawing.Surface.Shown),
        Modes = modes.Select(m => new
        {
            Name = m.SelectionMode.ToString(),
            Original = Drawing.Surface.Shown(m.OriginalOutput),
            Intervened = Drawing.Surface.Shown(m.IntervenedOutput),
            Weights = m.Weights.Select(row => row.Select(w => double.IsFinite(w) ? Math.Round(w, 4) : 0)),
        }),
    };
}
