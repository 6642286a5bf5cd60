namespace HyperDas;

/// <summary>What "alike" means for two concepts of an interpreter.</summary>
public enum SimilarityMeasure
{
    /// <summary>
    /// Share of one subspace that lies in the other: tr(P Q) / √(tr P² tr Q²) of the projections. 1 = the same; two random subspaces of
    /// rank k in d dimensions have k / d.
    /// </summary>
    Overlap,

    /// <summary>
    /// Mean absolute cosine of the reflection vectors of a Householder subspace (a vector and its opposite reflect alike).
    /// </summary>
    Reflection,
}
