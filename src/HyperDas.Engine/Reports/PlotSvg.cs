using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using HyperDas.Engine.Reports.Drawing;

namespace HyperDas.Engine.Reports;

/// <summary>
/// Makes a plot's SVG portable. Skia positions each letter individually, which looks even only in its own font: here each text is one run
/// around its middle, in any font, and the picture scales.
/// </summary>
internal static class PlotSvg
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    /// <summary>Rewrites a plot.</summary>
    /// <param name="xml">SVG written by Skia.</param>
    /// <param name="width">Width.</param>
    /// <param name="height">Height.</param>
    /// <param name="title">Alternative text.</param>
    internal static string Tidy(string xml, int width, int height, string title)
    {
        XElement svg = XElement.Parse(xml);
        svg.SetAttributeValue("viewBox", FormattableString.Invariant($"0 0 {width} {height}"));
        svg.SetAttributeValue("font-family", PictureFont.Families);
        svg.SetAttributeValue("role", "img");
        svg.AddFirst(new XElement(s_svg + "title", Surface.Shown(title)));
        foreach (XElement text in svg.Descendants(s_svg + "text").ToArray())
        {
            Centre(text);
        }
        NameClips(svg);
        return svg.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    // Skia numbers clips throughout the process. Here their names are derived from the picture: the same for the same picture, and
    // different for two pictures on one page.
    private static void NameClips(XElement svg)
    {
        XElement[] clips = [.. svg.Descendants(s_svg + "clipPath")];
        Dictionary<string, string> numbers = clips.Select((clip, i) => (Id: clip.Attribute("id")!.Value, i))
            .ToDictionary(c => c.Id, c => $"c{c.i}");
        Rename(svg, clips, id => numbers[id]);
        string picture = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(svg.ToString(SaveOptions.DisableFormatting))))[..8];
        Rename(svg, clips, id => $"p{picture}-{id}");
    }

    private static void Rename(XElement svg, XElement[] clips, Func<string, string> name)
    {
        foreach (XElement clip in clips)
        {
            clip.SetAttributeValue("id", name(clip.Attribute("id")!.Value));
        }
        foreach (XAttribute use in svg.Descendants().Attributes("clip-path"))
        {
            use.Value = $"url(#{name(use.Value[5..^1])})";
        }
    }

    private static void Centre(XElement text)
    {
        string shown = text.Value.Trim();
        if (shown.Length == 0)
        {
            // Empty texts have no letter positions.
            return;
        }
        double size = Number(text.Attribute("font-size"));
        double middle = Number(text.Attribute("x")) + (PictureFont.Width(shown, size) / 2);
        text.SetAttributeValue("x", middle.ToString("0.##", CultureInfo.InvariantCulture));
        text.SetAttributeValue("y", Number(text.Attribute("y")).ToString("0.##", CultureInfo.InvariantCulture));
        text.SetAttributeValue("text-anchor", "middle");
        text.SetAttributeValue("font-family", null);
        text.Value = shown;
    }

    // The first of a list: the letters' positions depend on the font.
    private static double Number(XAttribute? list) =>
        double.Parse(list?.Value.Split(',')[0] ?? "0", NumberStyles.Float, CultureInfo.InvariantCulture);
}
