using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>Which states are swapped, and in which coordinates.</summary>
/// <param name="Rows">Entity positions to edit, as indices into the flattened batch, <c>[swaps]</c>.</param>
/// <param name="Partners">Entity positions that supply the new states, <c>[swaps]</c>.</param>
/// <param name="Mask">1 in the swapped coordinates, <c>[swaps, hidden]</c>.</param>
/// <param name="Rotation">The basis of the coordinates, <c>[hidden, hidden]</c>.</param>
/// <param name="Length">Padded length of the batch that rows and partners refer to.</param>
internal sealed record PretrainingSwap(Tensor Rows, Tensor Partners, Tensor Mask, Tensor Rotation, int Length)
{
    /// <summary>Edits hidden states.</summary>
    /// <param name="hidden"><c>[batch, sequence, hidden]</c>.</param>
    /// <returns>As <paramref name="hidden"/>.</returns>
    public Tensor Apply(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = hidden.view(-1, hidden.shape[2]);
        Tensor difference = flat.index_select(0, Partners) - flat.index_select(0, Rows);
        Tensor rotation = Rotation.to_type(hidden.dtype);
        Tensor change = (difference.matmul(rotation) * Mask.to_type(hidden.dtype)).matmul(rotation.t());
        return flat.index_add(0, Rows, change, 1).view(hidden.shape).MoveToOuterDisposeScope();
    }
}
