namespace HyperDas;

/// <summary>A finished run of an experiment.</summary>
public sealed record ExperimentResult
{
    /// <summary>Name of the experiment and, with a sweep, of the combination.</summary>
    public required string Name { get; init; }

    /// <summary>The swept keys with the values of this run; empty without a sweep.</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>Absolute folder of the run.</summary>
    public required string Path { get; init; }

    /// <summary>Whether the run was already finished, so nothing was computed now.</summary>
    public required bool WasFinished { get; init; }

    /// <summary>Number of training steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Wall-clock time of all attempts of the run: data, training and scoring.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The scores in <c>scores.json</c>: those of the interpreter, then those of the requested references.</summary>
    public required IReadOnlyList<RavelScore> Scores { get; init; }

    /// <summary>Results of the checks before the training, and counts of examples.</summary>
    public IReadOnlyList<ModelCheck> ModelChecks { get; init; } = [];

    /// <summary>
    /// If the document leaves the layer to be found: the layers examined, best first; the run uses the first. Otherwise empty.
    /// </summary>
    public IReadOnlyList<LayerCandidate> Layers { get; init; } = [];

    /// <summary>The mean over attributes in the first dialect and selection mode.</summary>
    public RavelScore Mean => RavelScore.MeanOf(Scores);

    /// <summary>The attribute with the lowest cause in <see cref="Mean"/>.</summary>
    public string? WorstAttribute => Mean.WorstAttribute;

    /// <summary>The worst attribute's cause, in percent.</summary>
    public double? WorstCause => Mean.WorstCause;

    /// <summary>Cause of <see cref="Mean"/>, in percent.</summary>
    public double Cause => Mean.Cause;

    /// <summary>Isolate of <see cref="Mean"/>, in percent.</summary>
    public double Isolate => Mean.Isolate;

    /// <summary>Disentangle of <see cref="Mean"/>, in percent.</summary>
    public double Disentangle => Mean.Disentangle;

    /// <inheritdoc/>
    public override string ToString() => Scores is not { Count: > 0 }
        ? Name
        : FormattableString.Invariant($"{Name}: cause {Cause:F1}, isolate {Isolate:F1}, disentangle {Disentangle:F1}");
}
