using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics.Kernels;

/// <summary>The numbers of tensors in the processor's memory, for loops of our own.</summary>
internal static class TensorMemory
{
    /// <summary>The numbers of a contiguous float32 tensor, not copied; valid while the tensor lives.</summary>
    /// <param name="tensor">On the processor.</param>
    public static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>The same numbers by vectors, without those at the end that don't fill one.</summary>
    /// <param name="numbers">Any number of them.</param>
    public static Span<Vector<float>> Vectors(Span<float> numbers) => MemoryMarshal.Cast<float, Vector<float>>(numbers);

    /// <inheritdoc cref="Vectors(Span{float})"/>
    public static ReadOnlySpan<Vector<float>> Vectors(ReadOnlySpan<float> numbers) => MemoryMarshal.Cast<float, Vector<float>>(numbers);

    /// <summary>
    /// Does pieces of work on as many threads as torch uses. Which pieces there are must not depend on the
    /// threads, so that sums don't either.
    /// </summary>
    /// <param name="pieces">Number of pieces.</param>
    /// <param name="work">Gets the number of the piece.</param>
    public static void InPieces(int pieces, Action<int> work)
    {
        int threads = get_num_threads();
        if (pieces == 1 || threads == 1)
        {
            for (int i = 0; i < pieces; i++)
            {
                work(i);
            }
            return;
        }
        Parallel.For(0, pieces, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
    }

    /// <summary>The same for runs of numbers.</summary>
    /// <param name="length">How many numbers.</param>
    /// <param name="piece">Numbers of a piece; the last one may be shorter.</param>
    /// <param name="work">Gets where a piece begins and its length.</param>
    public static void InPieces(int length, int piece, Action<int, int> work) =>
        InPieces((length + piece - 1) / piece, i => work(i * piece, Math.Min(piece, length - (i * piece))));
}
