namespace HyperDas;

/// <summary>
/// The groups of examples with the largest and smallest weights in a training; see <see cref="TrainingOptions.WorstGroupExponent"/>. A
/// weight of 1 is the mean over the examples of all cause groups, or of all isolate groups.
/// </summary>
/// <param name="Heaviest">Name of the group that fails most, e.g. <c>city Language cause</c> or <c>city absent</c>.</param>
/// <param name="LargestWeight">Its weight.</param>
/// <param name="Lightest">Name of the group that fails least.</param>
/// <param name="SmallestWeight">Its weight.</param>
public sealed record TrainingWeights(string Heaviest, double LargestWeight, string Lightest, double SmallestWeight)
{
    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Heaviest} {LargestWeight:F2}, {Lightest} {SmallestWeight:F2}");
}
