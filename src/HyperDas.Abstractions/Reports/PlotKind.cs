namespace HyperDas;

/// <summary>What a plot shows.</summary>
public enum PlotKind
{
    /// <summary>Losses over the steps of trainings.</summary>
    TrainingCurve,

    /// <summary>Cause, isolate and disentangle of scores, with their intervals.</summary>
    Score,

    /// <summary>Scores over the intervention layer.</summary>
    LayerSweep,

    /// <summary>Scores over the feature dimension.</summary>
    DimensionSweep,

    /// <summary>How alike the subspaces of concepts are.</summary>
    ConceptSimilarity,
}
