using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>One shared rank-k subspace for every concept (docs/methods.md#subspaces, "DAS"): Δ ↦ Δ W Wᵀ.</summary>
public sealed class LowRankSubspace : Subspace
{
    private readonly OrthogonalBasis _basis;

    /// <summary>Creates the subspace and registers its parameters.</summary>
    /// <param name="store">Where its state lives.</param>
    /// <param name="dimension">d.</param>
    /// <param name="rank">k.</param>
    /// <param name="generator">Source of the random start.</param>
    public LowRankSubspace(ParameterStore store, long dimension, long rank, Generator generator)
    {
        _basis = new OrthogonalBasis(store, SubspaceNames.Rotation, dimension, rank, generator);
    }

    /// <inheritdoc/>
    public override Func<Tensor, Tensor> Prepare(Tensor concept)
    {
        Tensor w = _basis.Weight();
        return delta =>
        {
            using DisposeScope scope = NewDisposeScope();
            return delta.matmul(w).matmul(w.transpose(0, 1)).MoveToOuterDisposeScope();
        };
    }
}
