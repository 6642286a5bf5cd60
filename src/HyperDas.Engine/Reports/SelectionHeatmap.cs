using HyperDas.Engine.Reports.Drawing;

namespace HyperDas.Engine.Reports;

/// <summary>
/// Draws selection weights as in the paper: source tokens and "no intervention" downwards, base tokens across, darker = larger weight
/// (docs/methods.md#heat-maps); several interventions, e.g. one per selection mode, side by side.
/// </summary>
public static class SelectionHeatmap
{
    private const int Margin = 16, TitleHeight = 46, PanelTitleHeight = 22, Gap = 30, WidestRow = 1500, Foot = 34;

    /// <summary>The picture.</summary>
    /// <param name="results">Interventions, at least one, in the order of their panels.</param>
    public static Picture Of(IReadOnlyList<InterventionResult> results)
    {
        Layout layout = Layout.Of(results);
        return Picture.Drawn(layout.Width, layout.Height, TitleOf(results), layout.Draw);
    }

    private static bool OneQuestion(IReadOnlyList<InterventionResult> results) =>
        results.Select(r => (r.Concept, r.BasePrompt, r.CounterfactualPrompt)).Distinct().Count() == 1;

    private static string TitleOf(IReadOnlyList<InterventionResult> results) => results switch
    {
        [InterventionResult only] => $"{only.Concept}: “{only.OriginalOutput}” → “{only.IntervenedOutput}”",
        _ => string.Join("; ", results.Select(r => r.Concept).Distinct()),
    };

    private static string SubtitleOf(IReadOnlyList<InterventionResult> results)
    {
        InterventionResult first = results[0];
        string selection = results.Count == 1 ? $", {first.SelectionMode} selection" : "";
        return OneQuestion(results)
            ? $"base “{first.BasePrompt}”, counterfactual “{first.CounterfactualPrompt}”{selection}"
            : $"{results.Count} interventions";
    }

    /// <summary>A panel's title without the parts in the picture's title.</summary>
    private static string PanelTitleOf(IReadOnlyList<InterventionResult> results, InterventionResult result) =>
        results.Count == 1 ? ""
        : OneQuestion(results) ? $"{result.SelectionMode}: “{result.OriginalOutput}” → “{result.IntervenedOutput}”"
        : $"{result.Concept}, {result.SelectionMode}: “{result.OriginalOutput}” → “{result.IntervenedOutput}”";

    private static Matrix Table(InterventionResult result) => new(
        Enumerable.Range(0, result.Weights.Length)
            .Select(i => i < result.SourceTokens.Count && i < result.Weights.Length - 1 ? result.SourceTokens[i] : "no intervention"),
        result.BaseTokens, result.Weights);

    private sealed record Panel(Matrix Table, string Title, double Left, double Top, bool WithRows);

    private sealed record Layout(int Width, int Height, string Title, string Subtitle, IReadOnlyList<Panel> Panels)
    {
        public static Layout Of(IReadOnlyList<InterventionResult> results)
        {
            List<Panel> panels = [];
            string title = TitleOf(results), subtitle = SubtitleOf(results);
            int widest = (2 * Margin) + Math.Max(Matrix.WidthOf(title, 14), Matrix.WidthOf(subtitle, 12));
            int left = Margin, top = Margin + TitleHeight, bottom = top;
            for (int i = 0; i < results.Count; i++)
            {
                Matrix table = Table(results[i]);
                string name = PanelTitleOf(results, results[i]);
                // Adjacent panels with the same source tokens share their row labels.
                bool withRows = left == Margin || !results[i].SourceTokens.SequenceEqual(results[i - 1].SourceTokens);
                if (left > Margin && left + Span(withRows) > WidestRow)
                {
                    (left, top, withRows) = (Margin, bottom + Gap, true);
                }
                int named = name.Length > 0 ? PanelTitleHeight : 0;
                Panel panel = new(table, name, left + (withRows ? table.LabelWidth : 0), top + named + table.LabelHeight, withRows);
                panels.Add(panel);
                bottom = Math.Max(bottom, (int)panel.Top + table.Height);
                left += Span(withRows) + Gap;
                widest = Math.Max(widest, left - Gap + Margin);

                int Span(bool labelled) =>
                    (labelled ? table.LabelWidth : 0) + Math.Max(table.Width + table.Overhang, Matrix.WidthOf(name, Matrix.FontSize));
            }
            return new Layout(widest, bottom + Foot, title, subtitle, panels);
        }

        public void Draw(Surface surface)
        {
            surface.Text(Margin, Margin + 14, Title, 14);
            surface.Text(Margin, Margin + 34, Subtitle, 12, colour: "#555555");
            foreach (Panel panel in Panels)
            {
                surface.Text(panel.Left, panel.Top - panel.Table.LabelHeight - 6, panel.Title, Matrix.FontSize);
                panel.Table.Draw(surface, panel.Left, panel.Top, panel.WithRows);
            }
            DrawScale(surface);
        }

        private void DrawScale(Surface surface)
        {
            const int Steps = 11, Step = 9;
            double x = Width - Margin - 24 - (Steps * Step), y = Height - 20;
            surface.Text(x - 8, y + 9, "weight 0", 10, TextAnchor.End, "#555555");
            for (int i = 0; i < Steps; i++)
            {
                surface.Rectangle(x + (i * Step), y, Step, 10, Colours.Share(i / (Steps - 1.0)));
            }
            surface.Text(x + (Steps * Step) + 6, y + 9, "1", 10, colour: "#555555");
        }
    }
}
