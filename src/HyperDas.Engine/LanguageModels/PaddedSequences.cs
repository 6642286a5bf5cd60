using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>Token sequences of different lengths as one rectangular tensor.</summary>
public static class PaddedSequences
{
    /// <summary>Pads on the right with token 0; the mask hides the padding.</summary>
    /// <param name="sequences">Token ids.</param>
    /// <param name="device">Device of the tensors.</param>
    /// <param name="length">Length to pad to; null for the longest sequence.</param>
    /// <returns>Ids and mask, both <c>[batch, length]</c> int64, in the caller's dispose scope.</returns>
    public static (Tensor Ids, Tensor Mask) Right(IReadOnlyList<int[]> sequences, Device device, int? length = null) =>
        Pad(sequences, device, length, (_, _) => 0);

    /// <summary>Pads on the left with token 0, so all sequences end in the last column.</summary>
    /// <inheritdoc cref="Right"/>
    public static (Tensor Ids, Tensor Mask) Left(IReadOnlyList<int[]> sequences, Device device, int? length = null) =>
        Pad(sequences, device, length, (width, count) => width - count);

    private static (Tensor Ids, Tensor Mask) Pad(
        IReadOnlyList<int[]> sequences, Device device, int? length, Func<int, int, int> firstColumn)
    {
        int width = length ?? sequences.Max(s => s.Length);
        long[] ids = new long[sequences.Count * width], mask = new long[sequences.Count * width];
        for (int n = 0; n < sequences.Count; n++)
        {
            int start = (n * width) + firstColumn(width, sequences[n].Length);
            for (int t = 0; t < sequences[n].Length; t++)
            {
                ids[start + t] = sequences[n][t];
                mask[start + t] = 1;
            }
        }
        using DisposeScope scope = NewDisposeScope();
        return (
            tensor(ids, ScalarType.Int64, device).view(sequences.Count, width).MoveToOuterDisposeScope(),
            tensor(mask, ScalarType.Int64, device).view(sequences.Count, width).MoveToOuterDisposeScope());
    }
}
