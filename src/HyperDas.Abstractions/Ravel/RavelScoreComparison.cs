namespace HyperDas;

/// <summary>Two scores of the same attribute side by side, e.g. before and after training. All figures in percent.</summary>
/// <param name="Domain">Domain.</param>
/// <param name="Attribute">Target attribute, or <see cref="RavelScore.All"/>.</param>
/// <param name="SelectionMode">Selection mode of the score.</param>
/// <param name="CauseBefore">Cause of the reference score.</param>
/// <param name="Cause">Cause of the score.</param>
/// <param name="IsolateBefore">Isolate of the reference score.</param>
/// <param name="Isolate">Isolate of the score.</param>
/// <param name="DisentangleBefore">Disentangle of the reference score.</param>
/// <param name="Disentangle">Disentangle of the score.</param>
public sealed record RavelScoreComparison(
    string Domain,
    string Attribute,
    SelectionMode SelectionMode,
    double CauseBefore,
    double Cause,
    double IsolateBefore,
    double Isolate,
    double DisentangleBefore,
    double Disentangle)
{
    /// <summary>Whether it compares means over attributes, which are shown first.</summary>
    public bool IsMean => Attribute == RavelScore.All;

    /// <summary>Wording of the scored examples' concepts.</summary>
    public RavelWording Wording { get; init; }

    /// <summary>For a mean, the attribute with the lowest cause of the score; null for one attribute.</summary>
    public string? WorstAttribute { get; init; }

    /// <summary>Lowest cause of any attribute in the reference score.</summary>
    public double? WorstCauseBefore { get; init; }

    /// <summary>Lowest cause of any attribute in the score.</summary>
    public double? WorstCause { get; init; }

    /// <summary>Compares two scores of one attribute.</summary>
    /// <param name="before">Reference.</param>
    /// <param name="after">Score.</param>
    public static RavelScoreComparison Of(RavelScore before, RavelScore after) => new(
        after.Domain, after.Attribute, after.SelectionMode, before.Cause, after.Cause, before.Isolate, after.Isolate,
        before.Disentangle, after.Disentangle)
    {
        Wording = after.Wording,
        WorstAttribute = after.WorstAttribute,
        WorstCauseBefore = before.WorstCause,
        WorstCause = after.WorstCause,
    };
}
