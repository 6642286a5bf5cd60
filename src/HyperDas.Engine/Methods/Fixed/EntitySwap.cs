using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Fixed;

/// <summary>
/// Selection weights of methods with a fixed selection: the source's last entity token into the base's
/// (docs/methods.md#methods-with-a-fixed-position).
/// </summary>
internal static class EntitySwap
{
    /// <summary>One-hot weights at the entities.</summary>
    /// <param name="batch">The examples.</param>
    /// <returns><c>[batch, source + 1, base]</c>, in the caller's dispose scope.</returns>
    public static Tensor Weights(InterchangeBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = NoIntervention(batch);
        TensorIndex example = TensorIndex.Tensor(arange(batch.Count, ScalarType.Int64, weights.device)),
            column = TensorIndex.Tensor(batch.BaseEntity);
        TensorIndex self = TensorIndex.Tensor(full_like(batch.SourceEntity, weights.shape[1] - 1));
        weights.index_put_(tensor(1f, device: weights.device), [example, TensorIndex.Tensor(batch.SourceEntity), column]);
        weights.index_put_(tensor(0f, device: weights.device), [example, self, column]);
        return weights.MoveToOuterDisposeScope();
    }

    /// <summary>Weights that leave every base token unchanged.</summary>
    /// <param name="batch">The examples.</param>
    /// <returns><c>[batch, source + 1, base]</c>, in the caller's dispose scope.</returns>
    public static Tensor NoIntervention(InterchangeBatch batch)
    {
        long sources = batch.Source.Visible.shape[1], columns = batch.Base.Visible.shape[1];
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = zeros([batch.Count, sources + 1, columns], ScalarType.Float32, batch.BaseHidden.device);
        weights.select(1, sources).fill_(1);
        return weights.MoveToOuterDisposeScope();
    }
}
