namespace HyperDas.Transforms;

/// <summary>Says what a domain is where something else is given, e.g. its name.</summary>
internal sealed class DomainTransformAttribute() : RecordTransformAttribute(
    typeof(RavelDomain), "A domain of the benchmark is required: what Import-RavelDataset of RAVEL's folder returned");
