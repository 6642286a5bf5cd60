using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>Settings of a submission from outside its document.</summary>
public sealed record SubmissionOptions : IRelatedOptions
{
    /// <summary>The options with which the document was read.</summary>
    public required ExperimentReadOptions Reading { get; init; }

    /// <summary>Absolute folder for relative paths in settings: each task starts there.</summary>
    public required string Location { get; init; }

    /// <summary>Runs to submit, from 0; null for all.</summary>
    public IReadOnlyList<int>? Index { get; init; }

    /// <summary>The command that starts PowerShell: program and first arguments.</summary>
    public required IReadOnlyList<string> Shell { get; init; }

    /// <summary>The module's manifest.</summary>
    public required string Module { get; init; }

    /// <summary>Options in the scheduler's own format.</summary>
    public IReadOnlyList<string> SchedulerOptions { get; init; } = [];

    /// <summary>Maximum number of concurrent tasks; null for no limit.</summary>
    [Range(1, int.MaxValue)]
    public int? Parallelism { get; init; }

    /// <summary>Maximum number of tasks that share the search for a run's layer; null for a quarter of the layers, at least two.</summary>
    [Range(1, int.MaxValue)]
    public int? SearchParallelism { get; init; }

    /// <summary>Number of processors of a task.</summary>
    [Range(1, 1024)]
    public int Processors { get; init; } = 2;

    /// <summary>Seconds before its end at which a task gets a signal.</summary>
    [Range(1, 86400)]
    public int Notice { get; init; } = 120;

    /// <summary>Maximum number of times a task is requeued.</summary>
    [Range(0, 10000)]
    public int Requeues { get; init; } = 20;

    /// <inheritdoc/>
    public IEnumerable<OptionFault> Relations()
    {
        if (Index is { Count: 0 })
        {
            yield return new OptionFault(nameof(Index), "empty", "null for all runs, or at least one run");
        }
    }
}
