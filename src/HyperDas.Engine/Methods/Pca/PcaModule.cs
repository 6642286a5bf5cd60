using HyperDas.Engine.Methods.Features;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Pca;

/// <summary>PCA: o = b + std · Cᵀ C (s′ − b′), where C are the components selected for the concept (docs/methods.md#pca).</summary>
public sealed class PcaModule : SelectedFeaturesModule
{
    private readonly bool _literal;

    /// <summary>Creates the module.</summary>
    /// <param name="store">Store of its state.</param>
    /// <param name="prefix">Prefix of its names on disk.</param>
    /// <param name="components">The domain's components.</param>
    /// <param name="literal">Whether to use the formula of RAVEL's code.</param>
    public PcaModule(ParameterStore store, string prefix, PrincipalComponents components, bool literal)
        : base(store, prefix, components.Mean.shape[0])
    {
        Components = components;
        _literal = literal;
    }

    /// <summary>The domain's components.</summary>
    public PrincipalComponents Components { get; }

    /// <inheritdoc/>
    public override Tensor Change(Tensor present, Tensor delta, bool training)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor components = Components.Components;
        Tensor swapped = (delta / Components.Deviation).matmul(components.transpose(0, 1) * Selected).matmul(components);
        Tensor change = _literal
            ? ((present + swapped) * Components.Deviation) + Components.Mean - present
            : swapped * Components.Deviation;
        return change.MoveToOuterDisposeScope();
    }
}
