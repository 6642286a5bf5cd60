namespace HyperDas;

/// <summary>One run that an experiment's document stands for: the document itself, or one combination of its sweep.</summary>
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

    /// <summary>
    /// Absolute folder of what belongs to all runs of the document: scripts of a submission, their logs, and what they share.
    /// </summary>
    public string PlanPath { get; init; } = "";

    /// <summary>The document that it comes from.</summary>
    public required string File { get; init; }

    /// <summary>Method and layer, e.g. <c>HyperDas at layer 3</c>.</summary>
    public string Method => Settings.Method.ToString();

    /// <summary>Every setting, paths absolute.</summary>
    public required Experiment Settings { get; init; }

    /// <summary>Dotted keys that the document or <c>-Set</c> gives; all others have defaults.</summary>
    public required IReadOnlyList<string> Given { get; init; }

    /// <summary>Every setting as the run folder's <c>experiment.yaml</c> has it, paths relative to the run folder.</summary>
    public required string Yaml { get; init; }

    /// <summary>
    /// Memory that the run takes at its highest, as <c>Test-HyperDasExperiment</c> predicts it; null where model or data weren't looked at.
    /// </summary>
    public MemoryPrediction? Memory { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
