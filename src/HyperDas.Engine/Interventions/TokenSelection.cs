using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// Turns soft selection weights into the weights that are applied (docs/methods.md#selection-modes). Ties go to the lowest index.
/// </summary>
public static class TokenSelection
{
    /// <summary>The original's floor under the "no intervention" row in one-to-one selection.</summary>
    public const double DefaultThreshold = 0.1;

    /// <summary>Discretises selection weights.</summary>
    /// <param name="weights">w, <c>[batch, source + 1, base]</c>; the last row is "no intervention", each column sums to 1.</param>
    /// <param name="mode">How.</param>
    /// <param name="sourceEntity">Row of the source's last entity token per example; needed for ground truth.</param>
    /// <param name="baseEntity">Column of the base's last entity token per example; needed for ground truth.</param>
    /// <param name="threshold">Floor under "no intervention" for one-to-one.</param>
    /// <returns>Applied weights of the same shape.</returns>
    public static Tensor Apply(
        Tensor weights,
        SelectionMode mode,
        Tensor sourceEntity,
        Tensor baseEntity,
        double threshold = DefaultThreshold) => mode switch
        {
            SelectionMode.Soft => weights.alias(),
            SelectionMode.OneToMany => ColumnWinners(weights),
            SelectionMode.OneToOne => OneToOne(weights, threshold),
            SelectionMode.Global => Global(weights),
            SelectionMode.GroundTruth => At(weights, sourceEntity, baseEntity),
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Unknown selection mode."),
        };

    /// <summary>Makes "no intervention" certain in some columns.</summary>
    /// <param name="weights">w, <c>[batch, source + 1, base]</c>.</param>
    /// <param name="editable">Columns that stay as they are, <c>[batch, base]</c>, bool.</param>
    /// <returns>Weights of the same shape.</returns>
    public static Tensor Restrict(Tensor weights, Tensor editable)
    {
        using DisposeScope scope = NewDisposeScope();
        long self = weights.shape[1] - 1;
        Tensor open = editable.to_type(weights.dtype).unsqueeze(1);
        Tensor kept = weights.narrow(1, 0, self) * open;
        return cat([kept, 1 - kept.sum([1L], keepdim: true)], 1).MoveToOuterDisposeScope();
    }

    private static Tensor OneToOne(Tensor weights, double threshold)
    {
        using DisposeScope scope = NewDisposeScope();
        long self = weights.shape[1] - 1;
        Tensor source = weights.narrow(1, 0, self);
        // Each source token bids only for the base token with its largest weight.
        Tensor bids = source * Winners(source, 2);
        Tensor kept = weights.narrow(1, self, 1).clamp_min(threshold);
        return ColumnWinners(cat([bids, kept], 1)).MoveToOuterDisposeScope();
    }

    private static Tensor Global(Tensor weights)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = weights.shape[0], self = weights.shape[1] - 1, columns = weights.shape[2];
        Tensor winner = Winners(weights.narrow(1, 0, self).reshape(batch, self * columns), 1).view(batch, self, columns);
        return cat([winner, 1 - winner.sum([1L], keepdim: true)], 1).MoveToOuterDisposeScope();
    }

    private static Tensor At(Tensor weights, Tensor sourceEntity, Tensor baseEntity)
    {
        using DisposeScope scope = NewDisposeScope();
        long self = weights.shape[1] - 1;
        Tensor rows = arange(self, ScalarType.Int64, weights.device).view(1, -1, 1) == sourceEntity.view(-1, 1, 1);
        Tensor columns = arange(weights.shape[2], ScalarType.Int64, weights.device).view(1, 1, -1) == baseEntity.view(-1, 1, 1);
        Tensor chosen = rows.logical_and(columns).to_type(weights.dtype);
        return cat([chosen, 1 - chosen.sum([1L], keepdim: true)], 1).MoveToOuterDisposeScope();
    }

    private static Tensor ColumnWinners(Tensor weights) => Winners(weights, 1);

    /// <summary>One-hot at the largest entry along an axis, the lowest index among equals.</summary>
    private static Tensor Winners(Tensor values, int axis)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = values.shape[axis];
        long[] shape = new long[values.dim()];
        Array.Fill(shape, 1);
        shape[axis] = count;
        Tensor index = arange(count, ScalarType.Int64, values.device).view(shape);
        Tensor candidates = where(values == values.amax([(long)axis], keepdim: true), index, count);
        return (index == candidates.amin([(long)axis], keepdim: true)).to_type(values.dtype).MoveToOuterDisposeScope();
    }
}
