using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// A shared basis W with a soft mask over its k directions that an MLP computes from the concept (docs/methods.md#mask-and-boundary,
/// "MaskSelect"): γ = σ(MLP(e) / τ), Δ ↦ (γ ⊙ Δ W) Wᵀ.
/// </summary>
public sealed class MaskSubspace : Subspace
{
    private readonly OrthogonalBasis _basis;
    private readonly ConceptMlp _mlp;
    private readonly Tensor _temperature;

    /// <summary>Creates the subspace and registers its parameters.</summary>
    /// <param name="store">Where its state lives.</param>
    /// <param name="dimension">d.</param>
    /// <param name="rank">k.</param>
    /// <param name="inner">Inner width of the MLP (the original hard-codes Llama-3's 14336).</param>
    /// <param name="generator">Source of random starts.</param>
    public MaskSubspace(ParameterStore store, long dimension, long rank, long inner, Generator generator)
    {
        _basis = new OrthogonalBasis(store, SubspaceNames.Rotation, dimension, rank, generator);
        _mlp = new ConceptMlp(store, SubspaceNames.MaskMlp, ParameterGroup.MaskProjection, dimension, inner, rank, generator);
        _temperature = store.AddBuffer(SubspaceNames.Temperature, tensor(50f));
    }

    /// <inheritdoc/>
    public override void SetTemperature(double temperature) => _temperature.fill_(temperature);

    /// <inheritdoc/>
    public override Func<Tensor, Tensor> Prepare(Tensor concept)
    {
        Tensor w = _basis.Weight();
        Tensor mask = Mask(concept).unsqueeze(1);
        return delta =>
        {
            using DisposeScope scope = NewDisposeScope();
            return (delta.matmul(w) * mask).matmul(w.transpose(0, 1)).MoveToOuterDisposeScope();
        };
    }

    /// <summary>γ of each concept.</summary>
    /// <param name="concept"><c>[batch, d]</c>.</param>
    /// <returns><c>[batch, k]</c>, 0 to 1.</returns>
    public Tensor Mask(Tensor concept)
    {
        using DisposeScope scope = NewDisposeScope();
        return (_mlp.Apply(concept) / _temperature).sigmoid().MoveToOuterDisposeScope();
    }
}
