namespace HyperDas;

/// <summary>Where a run of an experiment stands and, when it is finished, what came out.</summary>
public sealed record ExperimentStatus
{
    /// <summary>Position among the runs of its document, from 0; null of a folder that was found without a document.</summary>
    public int? Index { get; init; }

    /// <summary>Name of the experiment and, with a sweep, of the combination.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
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

    /// <summary>The attribute with the worst cause.</summary>
    public string? WorstAttribute => Mean?.WorstAttribute;

    /// <summary>The worst attribute's cause, in percent.</summary>
    public double? WorstCause => Mean?.WorstCause;

    /// <summary>Training steps taken; null before the first.</summary>
    public int? Step { get; init; }

    /// <summary>Training steps in all; null before the training has begun, and where they can't be told.</summary>
    public int? Steps { get; init; }

    /// <summary>Who works on it now: process, machine and since when; null unless it is running.</summary>
    public string? Runner { get; init; }

    /// <summary>Id of the error that ended the last attempt, or that its folder is refused with.</summary>
    public string? ErrorId { get; init; }

    /// <summary>That error's words.</summary>
    public string? Error { get; init; }

    /// <summary>How often it was begun; 0 where the run is of a version that didn't count.</summary>
    public int Attempts { get; init; }

    /// <summary>When it was first begun.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it was finished.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Time of all attempts together.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Memory that a process with one of its attempts had at its highest, in bytes; null before the first has ended.</summary>
    public long? PeakMemory { get; init; }

    /// <summary>Seed of the training; null where the folder doesn't tell.</summary>
    public long? Seed { get; init; }

    /// <summary>Absolute folder of the run.</summary>
    public required string Path { get; init; }

    /// <summary>The settings that vary between the runs, by dotted key.</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>The scores; none before the run is finished.</summary>
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
