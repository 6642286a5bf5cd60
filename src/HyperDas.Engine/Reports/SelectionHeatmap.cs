using System.Globalization;
using System.Security;
using System.Text;
using HyperDas.Engine.Checkpoints;

namespace HyperDas.Engine.Reports;

/// <summary>
/// Draws selection weights as in the paper: source tokens and "no intervention" downwards, base tokens across, darker = more weight
/// (spec/hyperdas 7.3). The result is a plain SVG file without anything from outside.
/// </summary>
public static class SelectionHeatmap
{
    private const int Cell = 34, LabelWidth = 118, LabelHeight = 92, Margin = 14, TitleHeight = 46, FontSize = 12;

    // From white to a dark blue through steps of even lightness: readable without colour vision and in print.
    private static readonly (int R, int G, int B)[] s_scale = [(255, 255, 255), (209, 229, 240), (146, 197, 222), (67, 147, 195), (33, 102, 172), (5, 48, 97)];

    /// <summary>Writes the picture.</summary>
    /// <param name="result">An intervention.</param>
    /// <param name="path">File to write; an older one is replaced, a missing folder made.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(InterventionResult result, string path)
    {
        byte[] svg = Encoding.UTF8.GetBytes(Draw(result));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AtomicFile.Write(path, stream => stream.Write(svg));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError, $"The heatmap couldn't be written to '{path}': {e.Message}", path, e);
        }
    }

    /// <summary>The picture as SVG text.</summary>
    /// <param name="result">An intervention.</param>
    public static string Draw(InterventionResult result)
    {
        int rows = result.Weights.Length, columns = result.BaseTokens.Count;
        int left = Margin + LabelWidth, top = Margin + TitleHeight + LabelHeight;
        string title = $"{result.Concept}: “{result.OriginalOutput}” → “{result.IntervenedOutput}”";
        int width = Math.Max(left + (columns * Cell) + Margin, (2 * Margin) + (int)(title.Length * FontSize * 0.62)), height = top + (rows * Cell) + Margin + 18;
        StringBuilder svg = new();
        svg.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" "));
        svg.Append(Invariant($"font-family=\"system-ui, sans-serif\" font-size=\"{FontSize}\" role=\"img\">\n<title>{Escape(title)}</title>\n"));
        svg.Append(Invariant($"<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"));
        Text(Margin, Margin + 14, title, "start", bold: true);
        Text(Margin, Margin + 32, $"base “{result.BasePrompt}”, counterfactual “{result.CounterfactualPrompt}”, {result.SelectionMode} selection", "start");
        for (int j = 0; j < columns; j++)
        {
            int x = left + (j * Cell) + (Cell / 2) + 4, y = top - 6;
            svg.Append(Invariant($"<text transform=\"translate({x} {y}) rotate(-55)\" fill=\"#222222\">{Escape(Label(result.BaseTokens[j]))}</text>\n"));
        }
        for (int i = 0; i < rows; i++)
        {
            int y = top + (i * Cell);
            Text(left - 6, y + (Cell / 2) + 4, i < result.SourceTokens.Count && i < rows - 1 ? Label(result.SourceTokens[i]) : "no intervention", "end");
            for (int j = 0; j < columns; j++)
            {
                double weight = result.Weights[i][j];
                int x = left + (j * Cell);
                svg.Append(Invariant($"<rect x=\"{x}\" y=\"{y}\" width=\"{Cell - 1}\" height=\"{Cell - 1}\" fill=\"{Colour(weight)}\" stroke=\"#dddddd\"/>\n"));
                if (weight >= 0.005)
                {
                    string colour = weight > 0.5 ? "#ffffff" : "#222222";
                    svg.Append(Invariant($"<text x=\"{x + (Cell / 2)}\" y=\"{y + (Cell / 2) + 4}\" text-anchor=\"middle\" font-size=\"10\" fill=\"{colour}\">{weight:0.00}</text>\n"));
                }
            }
        }
        return svg.Append("</svg>\n").ToString();

        void Text(int x, int y, string text, string anchor, bool bold = false) => svg.Append(Invariant(
            $"<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"#222222\"{(bold ? " font-weight=\"bold\"" : "")}>{Escape(text)}</text>\n"));
    }

    private static string Label(string token)
    {
        string shown = token.Trim().Length == 0 ? "␣" : token.Trim();
        return shown.Length > 16 ? shown[..15] + "…" : shown;
    }

    private static string Colour(double weight)
    {
        double place = Math.Clamp(weight, 0, 1) * (s_scale.Length - 1);
        int low = Math.Min((int)place, s_scale.Length - 2);
        double share = place - low;
        (int r, int g, int b) = s_scale[low];
        (int r2, int g2, int b2) = s_scale[low + 1];
        return $"#{Mix(r, r2):x2}{Mix(g, g2):x2}{Mix(b, b2):x2}";

        int Mix(int from, int to) => (int)Math.Round(from + ((to - from) * share));
    }

    // A byte-level tokenizer has tokens, and a model answers, that XML can't hold: control characters are shown by their pictures.
    private static string Escape(string text) => SecurityElement.Escape(string.Concat(text.EnumerateRunes().Select(Shown)));

    private static Rune Shown(Rune rune) => rune.Value switch
    {
        < 0x20 => new Rune(0x2400 + rune.Value),
        (>= 0x7F and < 0xA0) or 0xFFFE or 0xFFFF => Rune.ReplacementChar,
        _ => rune,
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
