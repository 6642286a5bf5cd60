namespace HyperDas;

/// <summary>Runs that differ in nothing but their seeds, taken together.</summary>
public sealed record ExperimentMean
{
    /// <summary>Name of the experiment with the settings that vary, seeds left out.</summary>
    public required string Name { get; init; }

    /// <summary>Those settings, by dotted key.</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>How many runs there are.</summary>
    public required int Runs { get; init; }

    /// <summary>How many of them are finished: what the means are taken over.</summary>
    public required int Finished { get; init; }

    /// <summary>Mean of their causes, in percent; null where none is finished.</summary>
    public double? Cause { get; init; }

    /// <summary>Mean of their isolates, in percent.</summary>
    public double? Isolate { get; init; }

    /// <summary>Mean of their disentangles, in percent.</summary>
    public double? Disentangle { get; init; }

    /// <summary>Sample standard deviation of <see cref="Cause"/> over the seeds; null of fewer than two.</summary>
    public double? CauseDeviation { get; init; }

    /// <summary>Sample standard deviation of <see cref="Isolate"/>.</summary>
    public double? IsolateDeviation { get; init; }

    /// <summary>Sample standard deviation of <see cref="Disentangle"/>.</summary>
    public double? DisentangleDeviation { get; init; }

    /// <summary>Smallest and largest disentangle; null where none is finished.</summary>
    public ScoreInterval? DisentangleRange { get; init; }

    /// <summary>Time of all runs together.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The scores of all finished runs, for plots and reports, which take the means themselves.</summary>
    public IReadOnlyList<RavelScore> Scores { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name}: {Finished} of {Runs} runs, disentangle {Disentangle:F1}");
}
