namespace HyperDas;

/// <summary>
/// One run of an experiment with every setting determined: a YAML document with one combination of its sweep and all paths absolute. The
/// document's keys are the names of these properties, and of those of the option records in them, in camel case.
/// </summary>
public sealed record Experiment
{
    /// <summary>Display name: letters, digits, spaces and <c>._-</c>; by default the file's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Purpose of the experiment, in free text.</summary>
    public string? Description { get; init; }

    /// <summary>Seed of the training: initial values, order and random draws. The examples have their own seed, <c>data.seed</c>.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The target model.</summary>
    public ExperimentTarget Target { get; init; } = new();

    /// <summary>The examples.</summary>
    public ExperimentData Data { get; init; } = new();

    /// <summary>The method, its layer, and the parts of its interpreter.</summary>
    public ExperimentMethod Method { get; init; } = new();

    /// <summary>How the interpreter is trained. Defaults depend on the method.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>How the interpreter is scored.</summary>
    public ExperimentEvaluation Evaluation { get; init; } = new();

    /// <summary>What is written, and where.</summary>
    public ExperimentOutputs Outputs { get; init; } = new();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
