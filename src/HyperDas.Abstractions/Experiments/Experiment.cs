namespace HyperDas;

/// <summary>
/// One run of an experiment with every setting decided: what a YAML document describes, one combination of its sweep taken and all paths
/// absolute. The keys of the document are the names of these properties, and of those of the option records in them, in camel case.
/// </summary>
public sealed record Experiment
{
    /// <summary>Name for people, letters, digits, spaces and <c>._-</c>; the file's name if left out.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is for, in free text.</summary>
    public string? Description { get; init; }

    /// <summary>Seed of the training: starts, order and chance. The examples have a seed of their own, <c>data.seed</c>.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The target model.</summary>
    public ExperimentTarget Target { get; init; } = new();

    /// <summary>The examples.</summary>
    public ExperimentData Data { get; init; } = new();

    /// <summary>Which method, at which layer, and what its interpreter consists of.</summary>
    public ExperimentMethod Method { get; init; } = new();

    /// <summary>How the interpreter is trained. Defaults are those of the method.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>How it is scored.</summary>
    public ExperimentEvaluation Evaluation { get; init; } = new();

    /// <summary>What is written where.</summary>
    public ExperimentOutputs Outputs { get; init; } = new();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
