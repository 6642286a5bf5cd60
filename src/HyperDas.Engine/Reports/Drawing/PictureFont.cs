using SkiaSharp;

namespace HyperDas.Engine.Reports.Drawing;

/// <summary>
/// The font of pictures: DejaVu Sans, carried along, so that a picture is legible and the same on machines with other fonts or none. What
/// it lacks (Chinese, Japanese, emoji) is drawn from the machine's fonts where there are any, else as empty boxes.
/// </summary>
internal static class PictureFont
{
    /// <summary>Family names for SVG, which the viewer's machine draws: fonts of the same widths first.</summary>
    internal const string Families = "DejaVu Sans, Verdana, sans-serif";

    // A failure isn't kept: the library may be installed in the meantime.
    private static readonly Lazy<SKTypeface> s_typeface = new(Load, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The font itself; it lives as long as the process.</summary>
    internal static SKTypeface Typeface => s_typeface.Value;

    /// <summary>The font once more, for those who dispose what they get.</summary>
    /// <exception cref="HyperDasException"><c>DrawingBackendNotFound</c>.</exception>
    internal static SKTypeface Load()
    {
        DrawingRuntime.EnsureLoaded();
        using Stream font = typeof(PictureFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        return SKTypeface.FromStream(font);
    }

    /// <summary>Width of a text in picture units, without what other fonts have to draw.</summary>
    /// <param name="text">One line.</param>
    /// <param name="size">Font size.</param>
    internal static double Width(string text, double size)
    {
        using SKFont font = new(Typeface, (float)size);
        return font.MeasureText(text);
    }

    /// <summary>Cuts a text into runs that one font can draw.</summary>
    /// <param name="text">One line.</param>
    internal static IEnumerable<(string Text, SKTypeface Typeface)> Runs(string text)
    {
        SKTypeface? current = null;
        int start = 0, at = 0;
        foreach (System.Text.Rune rune in text.EnumerateRunes())
        {
            SKTypeface chosen = Typeface.ContainsGlyph(rune.Value)
                ? Typeface
                : SKFontManager.Default.MatchCharacter(rune.Value) ?? Typeface;
            if (current is not null && chosen.FamilyName != current.FamilyName)
            {
                yield return (text[start..at], current);
                start = at;
            }
            current = chosen;
            at += rune.Utf16SequenceLength;
        }
        if (current is not null)
        {
            yield return (text[start..], current);
        }
    }
}
