using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Rlap;

/// <summary>RLAP: o = b + Wᵀ W (s − b) with orthonormal rows W (docs/methods.md#rlap).</summary>
public sealed class RlapModule : ConceptModule
{
    private readonly TrainableTensor _rows;

    /// <summary>Creates the module; W is initialised to the first axes.</summary>
    /// <param name="store">Store of its state.</param>
    /// <param name="prefix">Prefix of its names on disk.</param>
    /// <param name="dimension">d.</param>
    /// <param name="rank">k.</param>
    public RlapModule(ParameterStore store, string prefix, int dimension, int rank)
    {
        _rows = store.Add(prefix + "subspace", ParameterGroup.Main, eye(rank, dimension));
        Dimension = rank;
    }

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <summary>W, <c>[k, d]</c>.</summary>
    public Tensor Rows => _rows.Value.detach();

    /// <summary>Replaces W.</summary>
    /// <param name="rows"><c>[k, d]</c>, orthonormal.</param>
    public void Set(Tensor rows)
    {
        using (no_grad())
        {
            _rows.Value.copy_(rows);
        }
    }

    /// <inheritdoc/>
    public override Tensor Change(Tensor present, Tensor delta, bool training)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Rows;
        return delta.matmul(rows.transpose(0, 1)).matmul(rows).MoveToOuterDisposeScope();
    }
}
