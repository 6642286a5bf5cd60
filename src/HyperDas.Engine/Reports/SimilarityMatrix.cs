using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Reports.Drawing;

namespace HyperDas.Engine.Reports;

/// <summary>Draws the similarity of concepts: the darker, the more similar.</summary>
public static class SimilarityMatrix
{
    private const int Margin = 16, TitleHeight = 46;

    /// <summary>The picture. Its size follows from the concepts, or the size of its squares from the picture's.</summary>
    /// <param name="similarity">What is drawn.</param>
    /// <param name="options">Appearance.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>: also a size that is too small for the concepts.</exception>
    public static Picture Of(ConceptSimilarity similarity, PlotOptions options)
    {
        OptionLaw.ThrowIfBroken(options);
        string heading = options.Title ?? "Similarity of the concepts' subspaces";
        string measure = similarity.Measure == SimilarityMeasure.Overlap
            ? "overlap of subspaces, 1 = identical" : "absolute cosine of the reflection vectors, 1 = identical";
        Matrix table = new(similarity.Concepts, similarity.Concepts, similarity.Values);
        int count = similarity.Concepts.Count, left = Margin + table.LabelWidth, top = Margin + TitleHeight + table.LabelHeight;
        int words = Math.Max(Matrix.WidthOf(heading, 14), Matrix.WidthOf(measure, 12));
        int? across = LargestCell(nameof(PlotOptions.Width), options.Width, count, Width),
            down = LargestCell(nameof(PlotOptions.Height), options.Height, count, Height);
        int cell = Math.Min(across ?? down ?? table.Cell, down ?? across ?? table.Cell);
        table = new(similarity.Concepts, similarity.Concepts, similarity.Values) { Cell = cell };
        return Picture.Drawn(options.Width ?? Width(cell), options.Height ?? Height(cell), heading, surface =>
        {
            surface.Text(Margin, Margin + 14, heading, 14);
            surface.Text(Margin, Margin + 34, measure, 12, colour: "#555555");
            table.Draw(surface, left, top);
        });

        int Width(int cell) => Math.Max(left + (count * cell) + table.OverhangOf(cell), Margin + words) + Margin;

        int Height(int cell) => top + (count * cell) + Margin;
    }

    // The largest squares of which a picture isn't larger than wanted.
    private static int? LargestCell(string option, int? wanted, int count, Func<int, int> size)
    {
        if (wanted is not { } most)
        {
            return null;
        }
        for (int cell = most / Math.Max(1, count); cell >= Matrix.SmallestCell; cell--)
        {
            if (size(cell) <= most)
            {
                return cell;
            }
        }
        OptionFault small = new(option, most, $"at least {size(Matrix.SmallestCell)} for these concepts");
        throw new HyperDasException("OptionInvalid", HyperDasErrorKind.InvalidArgument, small.ToString(), most);
    }
}
