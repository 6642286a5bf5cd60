using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Reports.Drawing;

namespace HyperDas.Engine.Reports;

/// <summary>Draws the similarity of concepts: the darker, the more similar.</summary>
public static class SimilarityMatrix
{
    private const int Margin = 16, TitleHeight = 46;

    /// <summary>The picture. Its size follows from the concepts.</summary>
    /// <param name="similarity">What is drawn.</param>
    /// <param name="title">Heading; null for one that says what was measured.</param>
    public static Picture Of(ConceptSimilarity similarity, string? title = null)
    {
        string heading = title ?? "Similarity of the concepts' subspaces";
        string measure = similarity.Measure == SimilarityMeasure.Overlap
            ? "overlap of subspaces, 1 = identical" : "absolute cosine of the reflection vectors, 1 = identical";
        Matrix table = new(similarity.Concepts, similarity.Concepts, similarity.Values);
        int left = Margin + table.LabelWidth, top = Margin + TitleHeight + table.LabelHeight;
        int words = Math.Max(Matrix.WidthOf(heading, 14), Matrix.WidthOf(measure, 12));
        int width = Math.Max(left + table.Width + table.Overhang, Margin + words) + Margin;
        return Picture.Drawn(width, top + table.Height + Margin, heading, surface =>
        {
            surface.Text(Margin, Margin + 14, heading, 14);
            surface.Text(Margin, Margin + 34, measure, 12, colour: "#555555");
            table.Draw(surface, left, top);
        });
    }
}
