namespace HyperDas;

/// <summary>
/// What an interpreter in training makes of validation examples in one wording: means over attributes, in percent, one-to-one.
/// </summary>
/// <param name="Wording">In whose words the examples name their concepts.</param>
/// <param name="Cause">As <see cref="RavelScore.Cause"/>.</param>
/// <param name="Isolate">As <see cref="RavelScore.Isolate"/>.</param>
/// <param name="WorstAttribute">The attribute with the worst cause.</param>
/// <param name="WorstCause">Its cause.</param>
/// <param name="WorstDisentangle">The lowest disentangle of an attribute, which may be another.</param>
public sealed record ValidationScore(
    RavelWording Wording, double Cause, double Isolate, string WorstAttribute, double WorstCause, double WorstDisentangle)
{
    /// <summary>As <see cref="RavelScore.Disentangle"/>.</summary>
    public double Disentangle => RavelScore.DisentangleOf(Wording, Cause, Isolate);

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Wording}: cause {Cause:F1}, isolate {Isolate:F1}, worst cause {WorstCause:F1} ({WorstAttribute})");
}

/// <summary>A look at validation examples while training.</summary>
/// <param name="Score">
/// What states are compared by, in percent: the mean of what disentangle is over all attributes and of the worst attribute, over trained
/// and unseen wording alike; where absent concepts are validated, what they keep counts a tenth.
/// </param>
/// <param name="IsBest">Whether no earlier look of the training was as good.</param>
/// <param name="Wordings">The figures, trained wording first.</param>
public sealed record TrainingValidation(double Score, bool IsBest, IReadOnlyList<ValidationScore> Wordings)
{
    /// <summary>Whether both saw the same.</summary>
    /// <param name="other">Another look.</param>
    public bool Equals(TrainingValidation? other) =>
        other is not null && (Score, IsBest) == (other.Score, other.IsBest) && Wordings.SequenceEqual(other.Wordings);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Score, IsBest, Wordings.Count);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Score:F1}{(IsBest ? ", the best so far" : "")}");
}
