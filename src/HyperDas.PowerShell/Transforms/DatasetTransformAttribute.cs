namespace HyperDas.Transforms;

/// <summary>Says what a dataset is where something else is given, e.g. a domain that none was made of yet.</summary>
internal sealed class DatasetTransformAttribute() : RecordTransformAttribute(
    typeof(RavelDataset), "A dataset is required: what New-RavelDataset, or Import-RavelDataset of a dataset's file, returned");
