using System.Globalization;

namespace HyperDas.Engine.Reports.Drawing;

/// <summary>
/// A table of fractions as coloured squares with numbers. Many columns make the squares smaller, never the labels: below
/// <see cref="NumberedCell"/> only the colours are drawn.
/// </summary>
internal sealed class Matrix
{
    /// <summary>Font size of labels.</summary>
    internal const double FontSize = 12;

    /// <summary>Smallest side of a square.</summary>
    internal const int SmallestCell = 17;

    private const int LongestLabel = 22, LargestCell = 34, NumberedCell = 30, WholeWidth = 900;
    private const double LetterWidth = 0.66, Slope = 55;

    private readonly string[] _rows, _columns;
    private readonly double[][] _shares;

    /// <summary>Creates a table.</summary>
    /// <param name="rows">Labels of the rows, top to bottom.</param>
    /// <param name="columns">Labels of the columns.</param>
    /// <param name="shares">0 to 1, <c>[rows][columns]</c>; NaN is left empty.</param>
    internal Matrix(IEnumerable<string> rows, IEnumerable<string> columns, double[][] shares)
    {
        _rows = [.. rows.Select(Label)];
        _columns = [.. columns.Select(Label)];
        _shares = shares;
        Cell = Math.Clamp(WholeWidth / Math.Max(1, _columns.Length), SmallestCell, LargestCell);
    }

    /// <summary>Side of a square; by default the number of columns determines it.</summary>
    internal int Cell { get; init; }

    /// <summary>Width of the row labels.</summary>
    internal int LabelWidth => Extent(_rows) + 8;

    /// <summary>Height of the column labels.</summary>
    internal int LabelHeight => (int)(Extent(_columns) * Math.Sin(Slope * Math.PI / 180)) + 12;

    /// <summary>Extent of the last column's label beyond its square.</summary>
    internal int Overhang => OverhangOf(Cell);

    /// <summary>Width of the squares.</summary>
    internal int Width => _columns.Length * Cell;

    /// <summary>Height of the squares.</summary>
    internal int Height => _rows.Length * Cell;

    /// <summary><see cref="Overhang"/> beyond squares of another size.</summary>
    /// <param name="cell">Side of a square.</param>
    internal int OverhangOf(int cell) => Math.Max(0, (int)(Extent(_columns) * Math.Cos(Slope * Math.PI / 180)) - (cell / 2) + 6);

    /// <summary>Draws the table, with labels to the left and above.</summary>
    /// <param name="surface">The surface.</param>
    /// <param name="left">Left edge of the first square.</param>
    /// <param name="top">Upper edge of the first square.</param>
    /// <param name="withRows">Whether to draw the row labels: adjacent tables share them.</param>
    internal void Draw(Surface surface, double left, double top, bool withRows = true)
    {
        for (int j = 0; j < _columns.Length; j++)
        {
            surface.Text(left + (j * Cell) + (Cell / 2.0) + 4, top - 6, _columns[j], FontSize, turn: -Slope);
        }
        for (int i = 0; i < _rows.Length; i++)
        {
            double y = top + (i * Cell);
            if (withRows)
            {
                surface.Text(left - 6, y + (Cell / 2.0) + 4, _rows[i], FontSize, TextAnchor.End);
            }
            for (int j = 0; j < _columns.Length; j++)
            {
                double share = _shares[i][j], x = left + (j * Cell);
                surface.Rectangle(x, y, Cell - 1, Cell - 1, Colours.Share(share), "#dddddd");
                if (Cell >= NumberedCell && share >= 0.005)
                {
                    string number = share.ToString("0.00", CultureInfo.InvariantCulture);
                    surface.Text(x + ((Cell - 1) / 2.0), y + (Cell / 2.0) + 4, number, 10, TextAnchor.Middle, Colours.Upon(share));
                }
            }
        }
    }

    /// <summary>An upper bound of a text's width, without measuring: the viewer of an SVG determines the font.</summary>
    /// <param name="text">One line.</param>
    /// <param name="size">Font size.</param>
    internal static int WidthOf(string text, double size) =>
        (int)Math.Ceiling(text.EnumerateRunes().Sum(r => r.Value >= 0x2E80 ? 1.05 : LetterWidth) * size);

    private static int Extent(string[] labels) => labels.Length == 0 ? 0 : labels.Max(l => WidthOf(l, FontSize));

    private static string Label(string text)
    {
        string shown = text.Trim().Length == 0 ? "␣" : text.Trim();
        int[] starts = System.Globalization.StringInfo.ParseCombiningCharacters(shown);
        return starts.Length > LongestLabel ? shown[..starts[LongestLabel - 1]] + "…" : shown;
    }
}
