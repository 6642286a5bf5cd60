namespace HyperDas;

/// <summary>Options of a dataset with pairs as HyperDAS draws them.</summary>
public sealed record RavelBuildOptions : RavelDatasetOptions
{
    /// <summary>Which entities the examples of a split use.</summary>
    public RavelEntitySplit EntitySplit { get; init; } = RavelEntitySplit.Both;
}
