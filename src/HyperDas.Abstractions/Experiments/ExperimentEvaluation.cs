namespace HyperDas;

/// <summary>How an experiment's interpreter is scored.</summary>
public sealed record ExperimentEvaluation
{
    /// <summary>The examples to score: <c>val</c> for choosing settings, <c>test</c> for the final score.</summary>
    public RavelSplit Split { get; init; } = RavelSplit.Test;

    /// <summary>References to score as well: no intervention, a swap of the whole vector.</summary>
    public IReadOnlyList<ReferenceMethod> References { get; init; } = [];

    /// <summary>Modes, dialects and intervals. Its properties are keys beside <c>split</c>.</summary>
    public RavelScoringOptions Scoring { get; init; } = new();
}
