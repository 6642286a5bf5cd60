using System.Globalization;
using System.Security;
using System.Text;

namespace HyperDas.Engine.Reports.Drawing;

/// <summary>Draws to self-contained SVG text; it needs no native library.</summary>
internal sealed class SvgSurface : Surface
{
    private readonly StringBuilder _svg = new();

    /// <summary>Starts a picture.</summary>
    /// <param name="width">Width.</param>
    /// <param name="height">Height.</param>
    /// <param name="title">Alternative text.</param>
    internal SvgSurface(int width, int height, string title)
    {
        Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" ");
        Append($"font-family=\"{PictureFont.Families}\" role=\"img\">\n<title>{Escape(title)}</title>\n");
        Rectangle(0, 0, width, height, "#ffffff");
    }

    internal override void Rectangle(double x, double y, double width, double height, string fill, string? stroke = null)
    {
        Append($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" fill=\"{fill}\"");
        _svg.Append(stroke is null ? "" : $" stroke=\"{stroke}\"").Append("/>\n");
    }

    internal override void Text(double x, double y, string text, double size, TextAnchor anchor, string colour, double turn)
    {
        string place = turn == 0
            ? Invariant($"x=\"{x:0.##}\" y=\"{y:0.##}\"")
            : Invariant($"transform=\"translate({x:0.##} {y:0.##}) rotate({turn:0.##})\"");
        string at = anchor == TextAnchor.Start ? "" : $" text-anchor=\"{anchor.ToString().ToLowerInvariant()}\"";
        Append($"<text {place}{at} font-size=\"{size:0.##}\" fill=\"{colour}\">{Escape(text)}</text>\n");
    }

    /// <summary>The finished picture.</summary>
    internal string Finish() => _svg.Append("</svg>\n").ToString();

    private static string Escape(string text) => SecurityElement.Escape(Shown(text));

    private void Append(FormattableString text) => _svg.Append(Invariant(text));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
