using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HyperDas.Engine.Numerics.Kernels;

/// <summary>
/// C = A B for matrices that fit in the L1 cache, where a library needs longer to begin than to multiply. B and C have rows of consecutive
/// numbers, a multiple of <see cref="Columns"/> of them; A may be read along rows or columns.
/// </summary>
internal static class SmallProduct
{
    /// <summary>Columns that are computed at once; the number of columns is a multiple of it.</summary>
    public const int Columns = 16;

    /// <summary>Rows that are computed at once; any number of rows is possible.</summary>
    public const int Rows = 4;

    /// <summary>Whether this processor has vectors of 8 numbers; without them the library is the better choice.</summary>
    public static bool IsSupported => Vector256.IsHardwareAccelerated;

    /// <summary>Multiplies.</summary>
    /// <param name="a">A's first number.</param>
    /// <param name="aRow">Distance of A's rows.</param>
    /// <param name="aColumn">Distance of A's columns.</param>
    /// <param name="b">B's first number.</param>
    /// <param name="bRow">Distance of B's rows.</param>
    /// <param name="c">C's first number.</param>
    /// <param name="cRow">Distance of C's rows.</param>
    /// <param name="rows">Rows of A and C, at least 1.</param>
    /// <param name="inner">Columns of A and rows of B.</param>
    /// <param name="columns">Columns of B and C.</param>
    /// <param name="add">Whether the product is added to C instead of replacing it.</param>
    public static void Multiply(
        ref float a, nint aRow, nint aColumn, ref float b, nint bRow, ref float c, nint cRow, int rows, int inner, int columns,
        bool add = false)
    {
        for (int row = 0; row < rows; row += Rows)
        {
            // Rows beyond the last one are the last one again: the same numbers are computed and stored twice.
            int last = rows - 1 - row;
            nint r1 = Math.Min(1, last), r2 = Math.Min(2, last), r3 = Math.Min(3, last);
            ref float from = ref Unsafe.Add(ref a, row * aRow), to = ref Unsafe.Add(ref c, row * cRow);
            for (int column = 0; column < columns; column += Columns)
            {
                Tile(
                    ref from, r1 * aRow, r2 * aRow, r3 * aRow, aColumn, ref Unsafe.Add(ref b, column), bRow,
                    ref Unsafe.Add(ref to, column), (nuint)(r1 * cRow), (nuint)(r2 * cRow), (nuint)(r3 * cRow), inner, add);
            }
        }
    }

    // Compiled fully optimised at once: the first step would otherwise spend most of its time in the unoptimised form.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(
        ref float a, nint a1, nint a2, nint a3, nint aColumn, ref float b, nint bRow, ref float c, nuint c1, nuint c2, nuint c3,
        int inner, bool add)
    {
        const nuint half = Columns / 2;
        Vector256<float> s0 = default, t0 = default, s1 = default, t1 = default, s2 = default, t2 = default, s3 = default, t3 = default;
        if (add)
        {
            (s0, t0) = (Vector256.LoadUnsafe(ref c), Vector256.LoadUnsafe(ref c, half));
            (s1, t1) = (Vector256.LoadUnsafe(ref c, c1), Vector256.LoadUnsafe(ref c, c1 + half));
            (s2, t2) = (Vector256.LoadUnsafe(ref c, c2), Vector256.LoadUnsafe(ref c, c2 + half));
            (s3, t3) = (Vector256.LoadUnsafe(ref c, c3), Vector256.LoadUnsafe(ref c, c3 + half));
        }
        ref float at = ref a, row = ref b;
        for (int k = 0; k < inner; k++)
        {
            Vector256<float> left = Vector256.LoadUnsafe(ref row), right = Vector256.LoadUnsafe(ref row, half);
            Vector256<float> factor = Vector256.Create(at);
            s0 = Vector256.FusedMultiplyAdd(factor, left, s0);
            t0 = Vector256.FusedMultiplyAdd(factor, right, t0);
            factor = Vector256.Create(Unsafe.Add(ref at, a1));
            s1 = Vector256.FusedMultiplyAdd(factor, left, s1);
            t1 = Vector256.FusedMultiplyAdd(factor, right, t1);
            factor = Vector256.Create(Unsafe.Add(ref at, a2));
            s2 = Vector256.FusedMultiplyAdd(factor, left, s2);
            t2 = Vector256.FusedMultiplyAdd(factor, right, t2);
            factor = Vector256.Create(Unsafe.Add(ref at, a3));
            s3 = Vector256.FusedMultiplyAdd(factor, left, s3);
            t3 = Vector256.FusedMultiplyAdd(factor, right, t3);
            at = ref Unsafe.Add(ref at, aColumn);
            row = ref Unsafe.Add(ref row, bRow);
        }
        s0.StoreUnsafe(ref c);
        t0.StoreUnsafe(ref c, half);
        s1.StoreUnsafe(ref c, c1);
        t1.StoreUnsafe(ref c, c1 + half);
        s2.StoreUnsafe(ref c, c2);
        t2.StoreUnsafe(ref c, c2 + half);
        s3.StoreUnsafe(ref c, c3);
        t3.StoreUnsafe(ref c, c3 + half);
    }
}
