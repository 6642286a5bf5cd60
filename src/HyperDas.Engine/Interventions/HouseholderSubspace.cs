using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// A shared rank-k basis W, transformed for each concept by a product of r reflections that an MLP computes from the concept vector
/// (docs/methods.md#householder): R = H₁ … H_r W, Δ ↦ Δ R Rᵀ. r = 1 is the original's "ReflectSelect", in which the subspaces of any two
/// concepts share k − 1 of k directions; with r = k, W can be transformed into any subspace.
/// </summary>
public sealed class HouseholderSubspace : Subspace
{
    private readonly OrthogonalBasis _basis;
    private readonly ConceptVectors _vectors;

    /// <summary>Creates the subspace and registers its parameters.</summary>
    /// <param name="store">Where its state lives.</param>
    /// <param name="dimension">d.</param>
    /// <param name="rank">k.</param>
    /// <param name="reflections">r, at least 1.</param>
    /// <param name="inner">Inner width of the MLP (the original hard-codes Llama-3's 14336).</param>
    /// <param name="span">Dimensions of the span of the reflection vectors; 0 for all of d.</param>
    /// <param name="generator">Source of random starts.</param>
    public HouseholderSubspace(
        ParameterStore store, long dimension, long rank, int reflections, long inner, long span, Generator generator)
    {
        _basis = new OrthogonalBasis(store, SubspaceNames.Rotation, dimension, rank, generator);
        _vectors = new ConceptVectors(store, SubspaceNames.ReflectionMlp, dimension, reflections, inner, span, generator);
    }

    /// <summary>The unit reflection vectors of each concept.</summary>
    /// <param name="concept"><c>[batch, d]</c>.</param>
    /// <returns><c>[batch, d, r]</c>, columns of norm 1.</returns>
    public Tensor Vectors(Tensor concept)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor raw = _vectors.Rows(concept);
        Tensor unit = raw / raw.norm(-1, keepdim: true);
        return unit.transpose(1, 2).contiguous().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Func<Tensor, Tensor> Prepare(Tensor concept)
    {
        ReflectionProduct turn = ReflectionProduct.Of(Vectors(concept));
        Tensor w = _basis.Weight();
        return delta =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor projected = turn.ApplyRight(delta).matmul(w).matmul(w.transpose(0, 1));
            return turn.ApplyRightTransposed(projected).MoveToOuterDisposeScope();
        };
    }
}
