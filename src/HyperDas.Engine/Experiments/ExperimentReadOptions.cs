using HyperDas.Engine.Checkpoints;

namespace HyperDas.Engine.Experiments;

/// <summary>Settings of an experiment from outside its document.</summary>
public sealed record ExperimentReadOptions
{
    /// <summary>Settings that take precedence over the document's: <c>training.epochs=2</c>, with the value in YAML.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>Absolute folder for relative paths in <see cref="Set"/>; null: the document's.</summary>
    public string? SetFolder { get; init; }

    /// <summary>Absolute folder of the run, or of a sweep's runs; null: the document's.</summary>
    public string? OutputPath { get; init; }

    /// <summary>Cache for target models that a document names by ID, <c>org/name</c>.</summary>
    public HubCache Cache { get; init; } = HubCache.OfEnvironment();

    /// <summary>Whether to skip the check for model and data: for documents of another machine.</summary>
    public bool SkipFiles { get; init; }
}
