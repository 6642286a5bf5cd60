using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Features;

/// <summary>
/// A module that patches the features of a domain that were selected for its concept (docs/methods.md#feature-selection).
/// </summary>
public abstract class SelectedFeaturesModule : ConceptModule
{
    /// <summary>Creates the module with an empty selection.</summary>
    /// <param name="store">Store of its state.</param>
    /// <param name="prefix">Prefix of its names on disk.</param>
    /// <param name="features">Number of features.</param>
    protected SelectedFeaturesModule(ParameterStore store, string prefix, long features)
    {
        Selected = store.AddBuffer(prefix + "selected", zeros(features));
    }

    /// <summary>1 = selected, 0 = not, <c>[features]</c>.</summary>
    public Tensor Selected { get; }

    /// <inheritdoc/>
    public override int Dimension
    {
        get
        {
            using DisposeScope scope = NewDisposeScope();
            return (int)Selected.sum().item<float>();
        }
    }

    /// <summary>Replaces the selection.</summary>
    /// <param name="selected"><c>[features]</c>, 1 or 0.</param>
    public void Select(Tensor selected) => Selected.copy_(selected);
}
