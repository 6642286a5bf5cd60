namespace HyperDas;

/// <summary>
/// An interpreter's results on validation examples of one wording during training: means over attributes, in percent, one-to-one.
/// </summary>
/// <param name="Wording">Wording of the examples' concepts.</param>
/// <param name="Cause">As <see cref="RavelScore.Cause"/>.</param>
/// <param name="Isolate">As <see cref="RavelScore.Isolate"/>.</param>
/// <param name="WorstAttribute">The attribute with the lowest cause.</param>
/// <param name="WorstCause">Its cause.</param>
/// <param name="WorstDisentangle">The lowest disentangle of any attribute, which may be another attribute's.</param>
public sealed record ValidationScore(
    RavelWording Wording, double Cause, double Isolate, string WorstAttribute, double WorstCause, double WorstDisentangle)
{
    /// <summary>As <see cref="RavelScore.Disentangle"/>.</summary>
    public double Disentangle => RavelScore.DisentangleOf(Wording, Cause, Isolate);

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Wording}: cause {Cause:F1}, isolate {Isolate:F1}, worst cause {WorstCause:F1} ({WorstAttribute})");
}

/// <summary>An evaluation on validation examples during training.</summary>
/// <param name="Score">The criterion for comparing parameters, in percent: the mean of two disentangle values over trained and unseen
/// wording together, that of all attributes and that of the worst attribute, which is drawn towards the mean if it has few rows; if absent
/// concepts are validated, the answers they keep count a tenth.</param>
/// <param name="IsBest">Whether no earlier evaluation of the training was as good.</param>
/// <param name="Wordings">The results, trained wording first.</param>
public sealed record TrainingValidation(double Score, bool IsBest, IReadOnlyList<ValidationScore> Wordings)
{
    /// <summary>Whether both have the same results.</summary>
    /// <param name="other">Another evaluation.</param>
    public bool Equals(TrainingValidation? other) =>
        other is not null && (Score, IsBest) == (other.Score, other.IsBest) && Wordings.SequenceEqual(other.Wordings);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Score, IsBest, Wordings.Count);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Score:F1}{(IsBest ? ", the best so far" : "")}");
}
