using System.Net;
using HyperDas.Engine.Reports.Drawing;

namespace HyperDas.Engine.Reports.Html;

/// <summary>Parts of which the sections of the page consist.</summary>
internal static class HtmlParts
{
    private const int WideWidth = 720, NarrowWidth = 400;

    /// <summary>A plot in two widths, of which the page shows the one that fits.</summary>
    /// <param name="of">Creates the picture.</param>
    /// <param name="caption">Caption.</param>
    internal static string Figure(Func<PlotOptions, Picture> of, string caption)
    {
        string wide = of(new PlotOptions { Title = "", Width = WideWidth }).Svg(),
            narrow = of(new PlotOptions { Title = "", Width = NarrowWidth }).Svg();
        return $"<figure class=\"plot\">\n<div class=\"wide\">{wide}</div>\n<div class=\"narrow\">{narrow}</div>\n<figcaption>{Encode(caption)}</figcaption>\n</figure>\n";
    }

    /// <summary>A text as HTML.</summary>
    /// <param name="text">Any text.</param>
    internal static string Encode(string text) => WebUtility.HtmlEncode(Surface.Shown(text));
}
