namespace HyperDas;

/// <summary>One run of an experiment document: the document itself, or one combination of its sweep.</summary>
public sealed record ExperimentRun
{
    /// <summary>Position among the runs of its document, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Name of the experiment and, with a sweep, of the combination, e.g. <c>layer-sweep/layer-3</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The swept keys with the values of this run; empty without a sweep.</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>Absolute folder of the run.</summary>
    public required string Path { get; init; }

    /// <summary>Absolute folder of what all runs of the document share: scripts of a submission, their logs, and common files.</summary>
    public string PlanPath { get; init; } = "";

    /// <summary>The document.</summary>
    public required string File { get; init; }

    /// <summary>Method and layer, e.g. <c>HyperDas at layer 3</c>.</summary>
    public string Method => Settings.Method.ToString();

    /// <summary>Every setting, with absolute paths.</summary>
    public required Experiment Settings { get; init; }

    /// <summary>Dotted keys that the document or <c>-Set</c> contains; all others have defaults.</summary>
    public required IReadOnlyList<string> Given { get; init; }

    /// <summary>Every setting as in the run folder's <c>experiment.yaml</c>, with paths relative to the run folder.</summary>
    public required string Yaml { get; init; }

    /// <summary>Peak memory of the run as predicted by <c>Test-HyperDasExperiment</c>; null if model or data weren't examined.</summary>
    public MemoryPrediction? Memory { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
