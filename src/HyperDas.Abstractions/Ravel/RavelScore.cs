using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>A score of one attribute or of all: how often the patch changed what it should and left alone what it should.</summary>
public sealed record RavelScore : IComparable<RavelScore>
{
    /// <summary>Attribute or domain of a mean over several.</summary>
    public const string All = "(all)";

    /// <summary>Domain, e.g. <c>city</c>.</summary>
    public required string Domain { get; init; }

    /// <summary>Target attribute, or <see cref="All"/> for the mean over attributes.</summary>
    public required string Attribute { get; init; }

    /// <summary>Whether it is the mean over attributes, which is shown first.</summary>
    [JsonIgnore]
    public bool IsMean => Attribute == All && Template is null;

    /// <summary>Method that was scored, e.g. <c>HyperDas</c>, <c>NoIntervention</c> or <c>FullSwap</c>.</summary>
    public required string Method { get; init; }

    /// <summary>How selection weights were turned into a patch.</summary>
    public required SelectionMode SelectionMode { get; init; }

    /// <summary>
    /// Share of cause examples, in percent, that answer with the source entity's value. With <see cref="RavelWording.Absent"/>, where
    /// nothing may change, the share whose answer changes: 0 is correct.
    /// </summary>
    public required double Cause { get; init; }

    /// <summary>Share of isolate examples, in percent, that keep their answer.</summary>
    public required double Isolate { get; init; }

    /// <summary>
    /// Mean of cause and isolate, in percent. No intervention scores about 50, and so does changing everything, so read all three values.
    /// With <see cref="RavelWording.Absent"/>, the mean share of cause and isolate examples whose answer stays the same: no intervention
    /// scores 100.
    /// </summary>
    public double Disentangle => DisentangleOf(Wording, Cause, Isolate);

    /// <summary>Wording of the scored examples' concepts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RavelWording Wording { get; init; }

    /// <summary>For a mean over attributes, the attribute with the lowest <see cref="Cause"/>; null for a score of one attribute.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WorstAttribute { get; init; }

    /// <summary>The worst attribute's cause, in percent; null for a score of one attribute.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? WorstCause { get; init; }

    /// <summary>Number of cause examples.</summary>
    public required int CauseCount { get; init; }

    /// <summary>Number of isolate examples.</summary>
    public required int IsolateCount { get; init; }

    /// <summary>The dialect of the score.</summary>
    public RavelDialect Dialect { get; init; }

    /// <summary>What the scored examples hold out from training.</summary>
    public RavelHeldOut HeldOut { get; init; }

    /// <summary>Intervention layer of the interpreter; null if it isn't known.</summary>
    public int? Layer { get; init; }

    /// <summary>Feature dimension of the interpreter; null if it isn't known.</summary>
    public int? FeatureDimension { get; init; }

    /// <summary>The base template of a score of one template; null for a score of all templates.</summary>
    public string? Template { get; init; }

    /// <summary>Seed of the interpreter's training; null if it isn't known. Reports average scores that differ only in the seed.</summary>
    [JsonIgnore]
    public long? Seed { get; init; }

    /// <summary>
    /// Settings that distinguish the run from others of its sweep, without seed, layer and dimension; null if there are none.
    /// </summary>
    [JsonIgnore]
    public string? Settings { get; init; }

    /// <summary>95 % confidence interval of <see cref="Cause"/>; null if none was computed or there is nothing to score.</summary>
    public ScoreInterval? CauseInterval { get; init; }

    /// <summary>95 % confidence interval of <see cref="Isolate"/>.</summary>
    public ScoreInterval? IsolateInterval { get; init; }

    /// <summary>95 % confidence interval of <see cref="Disentangle"/>.</summary>
    public ScoreInterval? DisentangleInterval { get; init; }

    /// <summary>The mean over attributes in the first dialect and selection mode of a run's scores.</summary>
    /// <param name="scores">Scores of one run, at least one.</param>
    public static RavelScore MeanOf(IReadOnlyList<RavelScore> scores)
    {
        RavelScore first = scores[0];
        return scores
            .TakeWhile(s => (s.Method, s.Dialect, s.SelectionMode, s.HeldOut, s.Wording)
                == (first.Method, first.Dialect, first.SelectionMode, first.HeldOut, first.Wording))
            .LastOrDefault(s => s.IsMean) ?? first;
    }

    /// <summary>Computes disentangle, in percent.</summary>
    /// <param name="wording">The wording.</param>
    /// <param name="cause">Cause, in percent.</param>
    /// <param name="isolate">Isolate, in percent.</param>
    public static double DisentangleOf(RavelWording wording, double cause, double isolate) =>
        ((wording == RavelWording.Absent ? 100 - cause : cause) + isolate) / 2;

    /// <inheritdoc/>
    public int CompareTo(RavelScore? other) => other is null ? 1 : Disentangle.CompareTo(other.Disentangle);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Attribute}: cause {Cause:F1}, isolate {Isolate:F1}, disentangle {Disentangle:F1}{(WorstAttribute is null ? "" : $", worst cause {WorstCause:F1} ({WorstAttribute})")}";
}
