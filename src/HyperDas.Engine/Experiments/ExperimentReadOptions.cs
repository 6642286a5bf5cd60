using HyperDas.Engine.Checkpoints;

namespace HyperDas.Engine.Experiments;

/// <summary>What is decided outside of an experiment's document.</summary>
public sealed record ExperimentReadOptions
{
    /// <summary>Settings that win over the document's: <c>training.epochs=2</c>, the value in YAML.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>Absolute folder that paths in <see cref="Set"/> are relative to; null: the document's.</summary>
    public string? SetFolder { get; init; }

    /// <summary>Absolute folder of the run, or of a sweep's runs; null: as the document says.</summary>
    public string? OutputPath { get; init; }

    /// <summary>Where target models are found that a document calls by their names, <c>org/name</c>.</summary>
    public HubCache Cache { get; init; } = HubCache.OfEnvironment();

    /// <summary>Don't look for the model and the data: for documents that are meant for another machine.</summary>
    public bool SkipFiles { get; init; }
}
