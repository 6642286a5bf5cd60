namespace HyperDas.Engine.Interventions;

/// <summary>Names of subspace parameters on disk: the original's, so that its checkpoints can be read.</summary>
internal static class SubspaceNames
{
    public const string Rotation = "das_module.rotate_layer.parametrizations.weight";
    public const string Norm = "das_module.input_layernorm.weight";
    public const string ReflectionMlp = "das_module.rv_proj";
    public const string MaskMlp = "das_module.mask_projection";
    public const string SharedBasis = "das_module.shared_basis";
    public const string BasisMlp = "das_module.basis_proj";
    public const string Span = "das_module.span_proj.weight";
    public const string Temperature = "das_module.temperature";
    public const string Boundary = "das_module.intervention_boundaries";
}
