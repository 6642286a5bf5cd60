namespace HyperDas;

/// <summary>How the similarity of two concepts of an interpreter is measured.</summary>
public enum SimilarityMeasure
{
    /// <summary>
    /// Share of one subspace that lies in the other: tr(P Q) / √(tr P² tr Q²) of the projections. 1 = identical; two random subspaces of
    /// rank k in d dimensions have k / d.
    /// </summary>
    Overlap,

    /// <summary>
    /// Mean absolute cosine of the reflection vectors of a Householder subspace (a vector and its opposite give the same reflection).
    /// </summary>
    Reflection,
}
