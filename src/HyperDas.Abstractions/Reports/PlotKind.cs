namespace HyperDas;

/// <summary>What a plot shows.</summary>
public enum PlotKind
{
    /// <summary>Losses over training steps.</summary>
    TrainingCurve,

    /// <summary>Cause, isolate and disentangle with their intervals.</summary>
    Score,

    /// <summary>Scores over the intervention layer.</summary>
    LayerSweep,

    /// <summary>Scores over the feature dimension.</summary>
    DimensionSweep,

    /// <summary>Similarity of the concepts' subspaces.</summary>
    ConceptSimilarity,
}
