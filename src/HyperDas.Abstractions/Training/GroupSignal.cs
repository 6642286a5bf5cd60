namespace HyperDas;

/// <summary>What measures the failure of a group of training examples; see <see cref="TrainingOptions.WorstGroupExponent"/>.</summary>
public enum GroupSignal
{
    /// <summary>
    /// The loss on the group's training answers, averaged over about the last 128 of them. It needs no validation examples, but doesn't
    /// detect attributes that are memorised and fail elsewhere.
    /// </summary>
    TrainingLoss,

    /// <summary>
    /// The share of the group's validation examples that were wrong in the last evaluation; each earlier evaluation counts half as much as
    /// the next. Weights change only at evaluations.
    /// </summary>
    ValidationError,
}
