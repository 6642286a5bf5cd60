using HyperDas.Engine.Interventions;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Das;

/// <summary>DAS and MDAS: o = b + R Rᵀ (s − b) with orthonormal columns R (docs/methods.md#das-and-mdas).</summary>
public sealed class DasModule : ConceptModule
{
    private readonly OrthogonalBasis _basis;

    /// <summary>Creates the module and registers its parameters.</summary>
    /// <param name="store">Store of its state.</param>
    /// <param name="prefix">Prefix of its names on disk.</param>
    /// <param name="dimension">d.</param>
    /// <param name="rank">k, 1 to d.</param>
    /// <param name="generator">Source of the random initialisation.</param>
    public DasModule(ParameterStore store, string prefix, int dimension, int rank, Generator generator)
    {
        _basis = new OrthogonalBasis(store, prefix + "rotate_layer.parametrizations.weight", dimension, rank, generator);
        Dimension = rank;
    }

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <summary>The current R.</summary>
    /// <returns><c>[d, k]</c>, orthonormal columns, in the caller's dispose scope.</returns>
    public Tensor Basis() => _basis.Weight();

    /// <inheritdoc/>
    public override Tensor Change(Tensor present, Tensor delta, bool training)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor r = _basis.Weight();
        return delta.matmul(r).matmul(r.transpose(0, 1)).MoveToOuterDisposeScope();
    }
}
