using SkiaSharp;

namespace HyperDas.Engine.Reports.Drawing;

/// <summary>
/// The font of pictures: DejaVu Sans, which is included, so that pictures are legible and identical on machines with other fonts or none.
/// Missing characters (Chinese, Japanese, emoji) use the machine's fonts if available, otherwise empty boxes.
/// </summary>
internal static class PictureFont
{
    /// <summary>Font families for SVG, which is rendered on the viewer's machine: fonts with the same widths first.</summary>
    internal const string Families = "DejaVu Sans, Verdana, sans-serif";

    // A failure isn't cached: the library may be installed in the meantime.
    private static readonly Lazy<SKTypeface> s_typeface = new(Load, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The font; it exists as long as the process.</summary>
    internal static SKTypeface Typeface => s_typeface.Value;

    /// <summary>Another instance of the font, for callers that dispose it.</summary>
    /// <exception cref="HyperDasException"><c>DrawingBackendNotFound</c>.</exception>
    internal static SKTypeface Load()
    {
        DrawingRuntime.EnsureLoaded();
        using Stream font = typeof(PictureFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        return SKTypeface.FromStream(font);
    }

    /// <summary>Width of a text in picture units, except characters of other fonts.</summary>
    /// <param name="text">One line.</param>
    /// <param name="size">Font size.</param>
    internal static double Width(string text, double size)
    {
        using SKFont font = new(Typeface, (float)size);
        return font.MeasureText(text);
    }

    /// <summary>Splits a text into runs of one font.</summary>
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
