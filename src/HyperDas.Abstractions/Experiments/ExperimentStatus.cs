namespace HyperDas;

/// <summary>The state of a run and, when it is finished, its scores.</summary>
public sealed record ExperimentStatus
{
    /// <summary>Position among the runs of its document, from 0; null for a folder that was found without a document.</summary>
    public int? Index { get; init; }

    /// <summary>Name of the experiment and, with a sweep, of the combination.</summary>
    public required string Name { get; init; }

    /// <summary>The state.</summary>
    public required ExperimentState State { get; init; }

    /// <summary>Cause of <see cref="Mean"/>, in percent; null without scores.</summary>
    public double? Cause => Mean?.Cause;

    /// <summary>Isolate of <see cref="Mean"/>, in percent.</summary>
    public double? Isolate => Mean?.Isolate;

    /// <summary>Disentangle of <see cref="Mean"/>, in percent.</summary>
    public double? Disentangle => Mean?.Disentangle;

    /// <summary>95 % interval of <see cref="Cause"/>.</summary>
    public ScoreInterval? CauseInterval => Mean?.CauseInterval;

    /// <summary>95 % interval of <see cref="Isolate"/>.</summary>
    public ScoreInterval? IsolateInterval => Mean?.IsolateInterval;

    /// <summary>95 % interval of <see cref="Disentangle"/>.</summary>
    public ScoreInterval? DisentangleInterval => Mean?.DisentangleInterval;

    /// <summary>The attribute with the lowest cause.</summary>
    public string? WorstAttribute => Mean?.WorstAttribute;

    /// <summary>The worst attribute's cause, in percent.</summary>
    public double? WorstCause => Mean?.WorstCause;

    /// <summary>Training steps taken; null before the first.</summary>
    public int? Step { get; init; }

    /// <summary>Total number of training steps; null before the training has begun, and if the number isn't known.</summary>
    public int? Steps { get; init; }

    /// <summary>The process, its machine and its start time, if the run is in progress; otherwise null.</summary>
    public string? Runner { get; init; }

    /// <summary>Id of the error that ended the last attempt, or with which the folder is refused.</summary>
    public string? ErrorId { get; init; }

    /// <summary>Message of that error.</summary>
    public string? Error { get; init; }

    /// <summary>Number of attempts; 0 if the run is from a version that didn't count them.</summary>
    public int Attempts { get; init; }

    /// <summary>When the first attempt began.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it was finished.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Time of all attempts together.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Peak memory of the processes of its attempts, in bytes; null before the first has ended.</summary>
    public long? PeakMemory { get; init; }

    /// <summary>Seed of the training; null if the folder doesn't contain it.</summary>
    public long? Seed { get; init; }

    /// <summary>Absolute folder of the run.</summary>
    public required string Path { get; init; }

    /// <summary>The settings that vary between the runs, by dotted key.</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>The scores; empty before the run is finished.</summary>
    public IReadOnlyList<RavelScore> Scores { get; init; } = [];

    /// <summary>The mean over attributes in the first dialect and selection mode; null without scores.</summary>
    public RavelScore? Mean => Scores is { Count: > 0 } ? RavelScore.MeanOf(Scores) : null;

    /// <inheritdoc/>
    public override string ToString() => State switch
    {
        ExperimentState.Finished when Scores is { Count: > 0 } =>
            FormattableString.Invariant($"{Name}: finished, cause {Cause:F1}, isolate {Isolate:F1}, disentangle {Disentangle:F1}"),
        ExperimentState.Running or ExperimentState.Interrupted when Step is { } step =>
            $"{Name}: {State.ToString().ToLowerInvariant()}, step {step}{(Steps is { } steps ? $" of {steps}" : "")}",
        ExperimentState.Failed => $"{Name}: failed, {Error}",
        _ => $"{Name}: {State.ToString().ToLowerInvariant()}",
    };
}
