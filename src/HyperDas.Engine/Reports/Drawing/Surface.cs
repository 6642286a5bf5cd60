using System.Text;

namespace HyperDas.Engine.Reports.Drawing;

/// <summary>A drawing surface for pictures without axes: rectangles and lines of text, the same for every file format.</summary>
internal abstract class Surface
{
    /// <summary>Colour of text.</summary>
    internal const string Ink = "#222222";

    /// <summary>Draws a filled rectangle.</summary>
    /// <param name="x">Left edge.</param>
    /// <param name="y">Upper edge.</param>
    /// <param name="width">Width.</param>
    /// <param name="height">Height.</param>
    /// <param name="fill">Colour, <c>#rrggbb</c>.</param>
    /// <param name="stroke">Colour of a thin frame; null for none.</param>
    internal abstract void Rectangle(double x, double y, double width, double height, string fill, string? stroke = null);

    /// <summary>Draws a line of text.</summary>
    /// <param name="x">Position of its anchor.</param>
    /// <param name="y">Its baseline.</param>
    /// <param name="text">The text; unprintable characters are replaced by their symbols.</param>
    /// <param name="size">Font size.</param>
    /// <param name="anchor">The point of the text at x.</param>
    /// <param name="colour">Colour, <c>#rrggbb</c>.</param>
    /// <param name="turn">Degrees, clockwise, around the anchor.</param>
    internal abstract void Text(
        double x, double y, string text, double size, TextAnchor anchor = TextAnchor.Start, string colour = Ink, double turn = 0);

    /// <summary>
    /// A text with printable characters only: tokens of byte-level tokenizers and answers of models can contain control characters, which
    /// are replaced by their symbols, and halves of characters.
    /// </summary>
    /// <param name="text">Any text.</param>
    internal static string Shown(string text) => string.Concat(text.EnumerateRunes().Select(Shown));

    private static Rune Shown(Rune rune) => rune.Value switch
    {
        < 0x20 => new Rune(0x2400 + rune.Value),
        (>= 0x7F and < 0xA0) or 0xFFFE or 0xFFFF => Rune.ReplacementChar,
        _ => rune,
    };
}
