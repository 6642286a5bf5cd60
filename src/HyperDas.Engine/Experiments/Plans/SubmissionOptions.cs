using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>What is decided about a submission outside of its document.</summary>
public sealed record SubmissionOptions : IRelatedOptions
{
    /// <summary>How the document was read.</summary>
    public required ExperimentReadOptions Reading { get; init; }

    /// <summary>Absolute folder that paths in settings are relative to: where each task begins.</summary>
    public required string Location { get; init; }

    /// <summary>Runs to submit, from 0; null for all.</summary>
    public IReadOnlyList<int>? Index { get; init; }

    /// <summary>How PowerShell is started, program and first arguments.</summary>
    public required IReadOnlyList<string> Shell { get; init; }

    /// <summary>The module's manifest.</summary>
    public required string Module { get; init; }

    /// <summary>Options for the scheduler, as it takes them.</summary>
    public IReadOnlyList<string> SchedulerOptions { get; init; } = [];

    /// <summary>Most tasks at once; null for no limit.</summary>
    [Range(1, int.MaxValue)]
    public int? Parallelism { get; init; }

    /// <summary>Processors of a task.</summary>
    [Range(1, 1024)]
    public int Processors { get; init; } = 2;

    /// <summary>Seconds before its end at which a task is warned.</summary>
    [Range(1, 86400)]
    public int Notice { get; init; } = 120;

    /// <summary>How often a task may be begun again.</summary>
    [Range(0, 10000)]
    public int Requeues { get; init; } = 20;

    /// <inheritdoc/>
    public IEnumerable<OptionFault> Relations()
    {
        if (Index is { Count: 0 })
        {
            yield return new OptionFault(nameof(Index), "empty", "null for all runs, or at least one run");
        }
        if (Index?.FirstOrDefault(run => run < 0) is int negative and < 0)
        {
            yield return new OptionFault(nameof(Index), negative, "at least 0");
        }
    }
}
