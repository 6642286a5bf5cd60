namespace HyperDas;

/// <summary>What tells how badly a group of training examples fares, see <see cref="TrainingOptions.WorstGroupExponent"/>.</summary>
public enum GroupSignal
{
    /// <summary>
    /// The loss on the group's training answers, averaged over about the last 128 of them. It needs no validation examples, but doesn't see
    /// what is known by heart and fails elsewhere.
    /// </summary>
    TrainingLoss,

    /// <summary>
    /// The share of the group's validation examples that were wrong when they were last looked at, looks before counting half as much from
    /// one to the next. Weights then change at looks only.
    /// </summary>
    ValidationError,
}
