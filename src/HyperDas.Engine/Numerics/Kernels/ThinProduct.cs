using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics.Kernels;

/// <summary>
/// Products of a large weight matrix with few rows, in float32 on the processor: y = W x, Wᵀ g and g xᵀ. With 16 rows a library for
/// matrix products repacks the whole matrix for a handful of operations per number; here each number of W passes the processor once.
/// Rows lie beside each other as lanes, <c>[width, lanes]</c>, with lanes a multiple of <see cref="Lanes"/>.
/// </summary>
internal static class ThinProduct
{
    /// <summary>Lanes of a vector: the number of rows is filled up to a multiple of it.</summary>
    public const int Lanes = 16;

    /// <summary>More rows than this are better multiplied by the library.</summary>
    public const int MostRows = 64;

    // Rows of W that share a load of x; columns of W that are processed while a block of x or of the result stays in the L1 cache.
    private const int Group = 8, Tile = 512;

    // Fixed regardless of the number of threads: it determines the order of summation.
    private const int Splits = 16;

    // Rows of a packed block are slightly more than a power of two apart; otherwise they would evict each other from the cache.
    private const int PackedRow = Tile + Lanes;

    /// <summary>Whether this processor has vectors of 16 numbers; without them the library is the better choice.</summary>
    public static bool IsSupported => Vector512.IsHardwareAccelerated;

    /// <summary>Number of lanes for a number of rows.</summary>
    public static int LanesFor(long rows) => (int)((rows + Lanes - 1) / Lanes * Lanes);

    // The loops are compiled fully optimised at once: the first step would otherwise spend most of its time in their unoptimised form.

    /// <summary>y = W x.</summary>
    /// <param name="weight">W, <c>[outputs, inputs]</c>.</param>
    /// <param name="x"><c>[inputs, lanes]</c>.</param>
    /// <param name="y"><c>[outputs, lanes]</c>, written over.</param>
    public static void Forward(Tensor weight, Tensor x, Tensor y)
    {
        int outputs = (int)weight.shape[0], inputs = (int)weight.shape[1], lanes = (int)x.shape[1];
        Split rows = new(outputs, Group);
        TensorMemory.InPieces(rows.Count, piece => Forward(
            TensorMemory.Floats(weight), TensorMemory.Floats(x), TensorMemory.Floats(y), inputs, lanes, rows.From(piece), rows.To(piece)));
    }

    /// <summary>dx = Wᵀ g.</summary>
    /// <param name="weight">W, <c>[outputs, inputs]</c>.</param>
    /// <param name="g"><c>[outputs, lanes]</c>.</param>
    /// <param name="dx"><c>[inputs, lanes]</c>, written over.</param>
    public static void InputGradient(Tensor weight, Tensor g, Tensor dx)
    {
        int outputs = (int)weight.shape[0], inputs = (int)weight.shape[1], lanes = (int)g.shape[1];
        Split tiles = new(inputs, Tile), rows = new(outputs, Group);
        if (tiles.Count >= Splits)
        {
            dx.zero_();
            TensorMemory.InPieces(tiles.Count, piece => InputGradient(
                TensorMemory.Floats(weight), TensorMemory.Floats(g), TensorMemory.Floats(dx), inputs, lanes, 0, outputs,
                tiles.From(piece), tiles.To(piece)));
            return;
        }
        // Few columns: several partial sums of some rows each, which are then added.
        using Tensor parts = zeros(rows.Count, inputs, lanes);
        TensorMemory.InPieces(rows.Count, piece => InputGradient(
            TensorMemory.Floats(weight), TensorMemory.Floats(g), TensorMemory.Floats(parts).Slice(piece * inputs * lanes, inputs * lanes),
            inputs, lanes, rows.From(piece), rows.To(piece), 0, inputs));
        using Tensor sum = parts.sum([0L]);
        dx.copy_(sum);
    }

    /// <summary>dW = g xᵀ, summed over the lanes.</summary>
    /// <param name="g"><c>[outputs, lanes]</c>.</param>
    /// <param name="x"><c>[inputs, lanes]</c>.</param>
    /// <param name="gradient">dW, <c>[outputs, inputs]</c>, written over.</param>
    public static void WeightGradient(Tensor g, Tensor x, Tensor gradient)
    {
        int outputs = (int)g.shape[0], inputs = (int)x.shape[0], lanes = (int)x.shape[1];
        int tiles = (inputs + Tile - 1) / Tile;
        Split rows = tiles >= Splits ? new Split(outputs, outputs) : new Split(outputs, 1);
        TensorMemory.InPieces(tiles * rows.Count, piece =>
        {
            int from = piece / rows.Count * Tile;
            WeightGradient(
                TensorMemory.Floats(g), TensorMemory.Floats(x), TensorMemory.Floats(gradient), inputs, lanes,
                rows.From(piece % rows.Count), rows.To(piece % rows.Count), from, Math.Min(inputs, from + Tile));
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Forward(ReadOnlySpan<float> weight, ReadOnlySpan<float> x, Span<float> y, int inputs, int lanes, int from, int to)
    {
        for (int start = 0; start < inputs; start += Tile)
        {
            int end = Math.Min(inputs, start + Tile), row = from;
            for (; row + Group <= to; row += Group)
            {
                for (int lane = 0; lane < lanes; lane += Lanes)
                {
                    ForwardGroup(
                        ref At(weight, row, inputs), inputs, ref At(x, 0, lanes, lane), ref At(y, row, lanes, lane), lanes, start, end);
                }
            }
            for (; row < to; row++)
            {
                for (int lane = 0; lane < lanes; lane += Lanes)
                {
                    ref float w = ref At(weight, row, inputs), to0 = ref At(y, row, lanes, lane);
                    Vector512<float> sum = start == 0 ? default : Vector512.LoadUnsafe(ref to0);
                    for (int i = start; i < end; i++)
                    {
                        sum = Vector512.FusedMultiplyAdd(
                            Vector512.Create(Unsafe.Add(ref w, i)), Vector512.LoadUnsafe(ref At(x, i, lanes, lane)), sum);
                    }
                    sum.StoreUnsafe(ref to0);
                }
            }
        }
    }

    // Eight rows of W: each load of x serves eight products, whose sums stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardGroup(ref float w0, nint inputs, ref float x, ref float y, nint lanes, int start, int end)
    {
        ref float w1 = ref Unsafe.Add(ref w0, inputs), w2 = ref Unsafe.Add(ref w1, inputs), w3 = ref Unsafe.Add(ref w2, inputs),
            w4 = ref Unsafe.Add(ref w3, inputs);
        ref float w5 = ref Unsafe.Add(ref w4, inputs), w6 = ref Unsafe.Add(ref w5, inputs), w7 = ref Unsafe.Add(ref w6, inputs);
        Vector512<float> y0 = default, y1 = default, y2 = default, y3 = default, y4 = default, y5 = default, y6 = default, y7 = default;
        nuint s = (nuint)lanes;
        if (start > 0)
        {
            (y0, y1, y2, y3) = (Vector512.LoadUnsafe(ref y), Vector512.LoadUnsafe(ref y, s), Vector512.LoadUnsafe(ref y, 2 * s),
                Vector512.LoadUnsafe(ref y, 3 * s));
            (y4, y5, y6, y7) = (Vector512.LoadUnsafe(ref y, 4 * s), Vector512.LoadUnsafe(ref y, 5 * s), Vector512.LoadUnsafe(ref y, 6 * s),
                Vector512.LoadUnsafe(ref y, 7 * s));
        }
        for (nint i = start; i < end; i++)
        {
            Vector512<float> v = Vector512.LoadUnsafe(ref Unsafe.Add(ref x, i * lanes));
            y0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w0, i)), v, y0);
            y1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w1, i)), v, y1);
            y2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w2, i)), v, y2);
            y3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w3, i)), v, y3);
            y4 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w4, i)), v, y4);
            y5 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w5, i)), v, y5);
            y6 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w6, i)), v, y6);
            y7 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w7, i)), v, y7);
        }
        y0.StoreUnsafe(ref y);
        y1.StoreUnsafe(ref y, s);
        y2.StoreUnsafe(ref y, 2 * s);
        y3.StoreUnsafe(ref y, 3 * s);
        y4.StoreUnsafe(ref y, 4 * s);
        y5.StoreUnsafe(ref y, 5 * s);
        y6.StoreUnsafe(ref y, 6 * s);
        y7.StoreUnsafe(ref y, 7 * s);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InputGradient(
        ReadOnlySpan<float> weight, ReadOnlySpan<float> g, Span<float> dx, int inputs, int lanes, int from, int to, int first, int last)
    {
        for (int start = first; start < last; start += Tile)
        {
            int end = Math.Min(last, start + Tile), row = from;
            for (; row + Group <= to; row += Group)
            {
                for (int lane = 0; lane < lanes; lane += Lanes)
                {
                    InputGradientGroup(
                        ref At(weight, row, inputs), inputs, ref At(g, row, lanes, lane), ref At(dx, 0, lanes, lane), lanes, start, end);
                }
            }
            for (; row < to; row++)
            {
                for (int lane = 0; lane < lanes; lane += Lanes)
                {
                    ref float w = ref At(weight, row, inputs);
                    Vector512<float> v = Vector512.LoadUnsafe(ref At(g, row, lanes, lane));
                    for (int i = start; i < end; i++)
                    {
                        ref float d = ref At(dx, i, lanes, lane);
                        Vector512.FusedMultiplyAdd(
                            Vector512.Create(Unsafe.Add(ref w, i)), v, Vector512.LoadUnsafe(ref d)).StoreUnsafe(ref d);
                    }
                }
            }
        }
    }

    // Eight rows of W at once: each element of dx is loaded and stored once for eight products.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InputGradientGroup(ref float w0, nint inputs, ref float g, ref float dx, nint lanes, int start, int end)
    {
        ref float w1 = ref Unsafe.Add(ref w0, inputs), w2 = ref Unsafe.Add(ref w1, inputs), w3 = ref Unsafe.Add(ref w2, inputs),
            w4 = ref Unsafe.Add(ref w3, inputs);
        ref float w5 = ref Unsafe.Add(ref w4, inputs), w6 = ref Unsafe.Add(ref w5, inputs), w7 = ref Unsafe.Add(ref w6, inputs);
        nuint s = (nuint)lanes;
        Vector512<float> g0 = Vector512.LoadUnsafe(ref g), g1 = Vector512.LoadUnsafe(ref g, s), g2 = Vector512.LoadUnsafe(ref g, 2 * s),
            g3 = Vector512.LoadUnsafe(ref g, 3 * s);
        Vector512<float> g4 = Vector512.LoadUnsafe(ref g, 4 * s), g5 = Vector512.LoadUnsafe(ref g, 5 * s),
            g6 = Vector512.LoadUnsafe(ref g, 6 * s), g7 = Vector512.LoadUnsafe(ref g, 7 * s);
        for (nint i = start; i < end; i++)
        {
            ref float d = ref Unsafe.Add(ref dx, i * lanes);
            // Two independent sums, which avoids waiting for each other.
            Vector512<float> a = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w0, i)), g0, Vector512.LoadUnsafe(ref d));
            Vector512<float> b = Vector512.Create(Unsafe.Add(ref w4, i)) * g4;
            a = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w1, i)), g1, a);
            b = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w5, i)), g5, b);
            a = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w2, i)), g2, a);
            b = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w6, i)), g6, b);
            a = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w3, i)), g3, a);
            b = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w7, i)), g7, b);
            (a + b).StoreUnsafe(ref d);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WeightGradient(
        ReadOnlySpan<float> g, ReadOnlySpan<float> x, Span<float> gradient, int inputs, int lanes, int from, int to, int start, int end)
    {
        Span<float> packed = stackalloc float[Lanes * PackedRow];
        int count = end - start, whole = count / Lanes * Lanes;
        for (int lane = 0; lane < lanes; lane += Lanes)
        {
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<float> column = x.Slice(((start + i) * lanes) + lane, Lanes);
                for (int n = 0; n < Lanes; n++)
                {
                    packed[(n * PackedRow) + i] = column[n];
                }
            }
            for (int row = from; row < to; row++)
            {
                ref float factors = ref At(g, row, lanes, lane), d = ref At(gradient, row, inputs, start);
                WeightGradientRow(ref factors, ref packed[0], ref d, whole, add: lane > 0);
                for (int i = whole; i < count; i++)
                {
                    float sum = lane > 0 ? Unsafe.Add(ref d, i) : 0;
                    for (int n = 0; n < Lanes; n++)
                    {
                        sum += Unsafe.Add(ref factors, n) * packed[(n * PackedRow) + i];
                    }
                    Unsafe.Add(ref d, i) = sum;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WeightGradientRow(ref float g, ref float x, ref float gradient, int count, bool add)
    {
        Vector512<float> G(ref float at, int n) => Vector512.Create(Unsafe.Add(ref at, n));
        Vector512<float> g0 = G(ref g, 0), g1 = G(ref g, 1), g2 = G(ref g, 2), g3 = G(ref g, 3), g4 = G(ref g, 4), g5 = G(ref g, 5),
            g6 = G(ref g, 6), g7 = G(ref g, 7);
        Vector512<float> g8 = G(ref g, 8), g9 = G(ref g, 9), g10 = G(ref g, 10), g11 = G(ref g, 11), g12 = G(ref g, 12), g13 = G(ref g, 13),
            g14 = G(ref g, 14), g15 = G(ref g, 15);
        for (int i = 0; i < count; i += Lanes)
        {
            ref float p = ref Unsafe.Add(ref x, i), d = ref Unsafe.Add(ref gradient, i);
            Vector512<float> a = add ? Vector512.LoadUnsafe(ref d) : default, b = Vector512.LoadUnsafe(ref p, PackedRow) * g1;
            a = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p), g0, a);
            a = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 2 * PackedRow), g2, a);
            b = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 3 * PackedRow), g3, b);
            a = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 4 * PackedRow), g4, a);
            b = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 5 * PackedRow), g5, b);
            a = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 6 * PackedRow), g6, a);
            b = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 7 * PackedRow), g7, b);
            a = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 8 * PackedRow), g8, a);
            b = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 9 * PackedRow), g9, b);
            a = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 10 * PackedRow), g10, a);
            b = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 11 * PackedRow), g11, b);
            a = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 12 * PackedRow), g12, a);
            b = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 13 * PackedRow), g13, b);
            a = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 14 * PackedRow), g14, a);
            b = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref p, 15 * PackedRow), g15, b);
            (a + b).StoreUnsafe(ref d);
        }
    }

    // The number at [row, column] of a matrix.
    private static ref float At(ReadOnlySpan<float> matrix, int row, int width, int column = 0) =>
        ref Unsafe.Add(ref MemoryMarshal.GetReference(matrix), ((nint)row * width) + column);

    // Consecutive pieces of whole units.
    private readonly struct Split(int length, int unit)
    {
        private readonly int _units = (length + unit - 1) / unit;

        public int Count => Math.Min(Splits, _units);

        public int From(int piece) => (int)((long)_units * piece / Count) * unit;

        public int To(int piece) => Math.Min(length, From(piece + 1));
    }
}
