namespace HyperDas.Engine.Ravel;

/// <summary>One split of a dataset with the tokens of its examples.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Split">The split.</param>
/// <param name="Rows">The examples.</param>
public sealed record TokenizedSplit(RavelDataset Dataset, RavelSplit Split, TokenizedRows Rows);
