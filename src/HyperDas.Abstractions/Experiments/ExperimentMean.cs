namespace HyperDas;

/// <summary>Means over runs that differ only in their seeds.</summary>
public sealed record ExperimentMean
{
    /// <summary>Name of the experiment with the settings that vary, without seeds.</summary>
    public required string Name { get; init; }

    /// <summary>Those settings, by dotted key.</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>Number of runs.</summary>
    public required int Runs { get; init; }

    /// <summary>Number of finished runs, over which the means are taken.</summary>
    public required int Finished { get; init; }

    /// <summary>Mean cause, in percent; null if no run is finished.</summary>
    public double? Cause { get; init; }

    /// <summary>Mean isolate, in percent.</summary>
    public double? Isolate { get; init; }

    /// <summary>Mean disentangle, in percent.</summary>
    public double? Disentangle { get; init; }

    /// <summary>Sample standard deviation of <see cref="Cause"/> over the seeds; null for fewer than two.</summary>
    public double? CauseDeviation { get; init; }

    /// <summary>Sample standard deviation of <see cref="Isolate"/>.</summary>
    public double? IsolateDeviation { get; init; }

    /// <summary>Sample standard deviation of <see cref="Disentangle"/>.</summary>
    public double? DisentangleDeviation { get; init; }

    /// <summary>Lowest and highest disentangle; null if no run is finished.</summary>
    public ScoreInterval? DisentangleRange { get; init; }

    /// <summary>Total time of all runs.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The scores of all finished runs, for plots and reports, which compute means themselves.</summary>
    public IReadOnlyList<RavelScore> Scores { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name}: {Finished} of {Runs} runs, disentangle {Disentangle:F1}");
}
