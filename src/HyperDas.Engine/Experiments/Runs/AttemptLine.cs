using System.Text.Json.Serialization;

namespace HyperDas.Engine.Experiments.Runs;

/// <summary>What happened to an attempt.</summary>
internal enum AttemptEvent
{
    /// <summary>A process began to work on the run.</summary>
    Started,

    /// <summary>Its training began, or went on.</summary>
    Training,

    /// <summary>The run was finished.</summary>
    Finished,

    /// <summary>It was told to stop, and what it had done was kept.</summary>
    Stopped,

    /// <summary>It ended with an error.</summary>
    Failed,

    /// <summary>Its process ended without a word: a kill, or a machine that went down. Noted by the next attempt.</summary>
    Lost,
}

/// <summary>A line of <see cref="RunFolder.AttemptsFile"/>.</summary>
/// <param name="Attempt">Number of the attempt, from 1.</param>
/// <param name="Event">What happened.</param>
/// <param name="Time">When.</param>
internal sealed record AttemptLine(int Attempt, AttemptEvent Event, DateTimeOffset Time)
{
    /// <summary>Of a start: processors that the process may use.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Processors { get; init; }

    /// <summary>Of a training: its steps in all; null where they can't be told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Steps { get; init; }

    /// <summary>Of a training: the steps that it goes on from; of an end: the steps that are kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Step { get; init; }

    /// <summary>
    /// Of an end: how many of the steps this attempt made. Schedulers look at it: an attempt that made none would make none again.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Made { get; init; }

    /// <summary>Of an end: most memory that the process had, in bytes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PeakMemory { get; init; }

    /// <summary>Of an end: processor time of the process from the attempt's beginning on, in seconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ProcessorSeconds { get; init; }

    /// <summary>Of a failure: the error's id.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ErrorId { get; init; }

    /// <summary>Of a failure: its words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>Whether nothing comes after it in its attempt.</summary>
    [JsonIgnore]
    public bool IsEnd => Event is AttemptEvent.Finished or AttemptEvent.Stopped or AttemptEvent.Failed or AttemptEvent.Lost;
}
