using System.Text.Json.Serialization;

namespace HyperDas.Engine.Experiments.Runs;

/// <summary>An event of an attempt.</summary>
internal enum AttemptEvent
{
    /// <summary>A process started to work on the run.</summary>
    Started,

    /// <summary>Its training began or resumed.</summary>
    Training,

    /// <summary>The run finished.</summary>
    Finished,

    /// <summary>It was cancelled, and its progress was saved.</summary>
    Stopped,

    /// <summary>It ended with an error.</summary>
    Failed,

    /// <summary>Its process ended without a record: it was killed, or the machine stopped. Recorded by the next attempt.</summary>
    Lost,
}

/// <summary>A line of <see cref="RunFolder.AttemptsFile"/>.</summary>
/// <param name="Attempt">Number of the attempt, from 1.</param>
/// <param name="Event">The event.</param>
/// <param name="Time">Time of the event.</param>
internal sealed record AttemptLine(int Attempt, AttemptEvent Event, DateTimeOffset Time)
{
    /// <summary>Start: number of processors available to the process.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Processors { get; init; }

    /// <summary>Training: total number of steps; null if unknown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Steps { get; init; }

    /// <summary>Training: number of steps from which it resumes; end: number of steps that were saved.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Step { get; init; }

    /// <summary>
    /// End: number of steps that this attempt made. Schedulers use it: an attempt without steps would be repeated in vain.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Made { get; init; }

    /// <summary>End: peak memory of the process in bytes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PeakMemory { get; init; }

    /// <summary>End: processor time of the process since the start of the attempt, in seconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ProcessorSeconds { get; init; }

    /// <summary>Failure: the error's ID.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ErrorId { get; init; }

    /// <summary>Failure: the error's message.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>Whether the event ends its attempt.</summary>
    [JsonIgnore]
    public bool IsEnd => Event is AttemptEvent.Finished or AttemptEvent.Stopped or AttemptEvent.Failed or AttemptEvent.Lost;
}
