using System.Numerics;
using System.Runtime.InteropServices;

namespace HyperDas.Engine.Numerics.Kernels;

/// <summary>
/// Float32 numbers in fewer bits with stochastic rounding: the probability of rounding up is the distance from the lower neighbour, so the
/// mean over many roundings is the number itself. Without it, a moment that changes by a thousandth per step would never change.
/// </summary>
/// <remarks>bfloat16 is the upper half of a float32. The 8-bit codes are float32 with or without sign and with three bits of the mantissa,
/// relative to a base shared by the numbers of a block: eight codes for each power of two, 31 powers without sign, 15 with one. Code 0 is
/// 0.</remarks>
internal static class NarrowNumbers
{
    /// <summary>Number of values that share a base.</summary>
    public const int BlockLength = 256;

    /// <summary>Bits of the mantissa of bfloat16, and of the 8-bit codes.</summary>
    public const int HalfMantissa = 7, CodeMantissa = 3;

    /// <summary>
    /// The code of a block's largest number, without and with sign: the last but one, because rounding may increase it by one.
    /// </summary>
    public const int TopUnsigned = 254, TopSigned = 126;

    private const int HalfBits = 16, CodeShift = 20, Magnitude = 0x7F;
    private const uint SignBit = 0x8000_0000;

    /// <summary>
    /// Random bits that depend only on their position, so resumed trainings and any number of threads give the same bits.
    /// </summary>
    /// <param name="seed">Seed of one step and one group of parameters.</param>
    /// <param name="start">Position of the first number in the group.</param>
    /// <param name="bits">Overwritten; the lower 16 bits are for one rounding, the upper 16 for another.</param>
    public static void Random(uint seed, uint start, Span<uint> bits)
    {
        int i = 0;
        Vector<uint> lanes = Vector<uint>.Indices, spread = new(0x9E37_79B9u), first = new(0x7FEB_352Du), second = new(0x846C_A68Bu);
        foreach (ref Vector<uint> target in MemoryMarshal.Cast<uint, Vector<uint>>(bits))
        {
            Vector<uint> x = ((lanes + new Vector<uint>(start + (uint)i)) * spread) ^ new Vector<uint>(seed);
            x = (x ^ (x >>> 16)) * first;
            x = (x ^ (x >>> 15)) * second;
            target = x ^ (x >>> 16);
            i += Vector<uint>.Count;
        }
        for (; i < bits.Length; i++)
        {
            uint x = ((start + (uint)i) * 0x9E37_79B9u) ^ seed;
            x = (x ^ (x >> 16)) * 0x7FEB_352Du;
            x = (x ^ (x >> 15)) * 0x846C_A68Bu;
            bits[i] = x ^ (x >> 16);
        }
    }

    /// <summary>A seed for <see cref="Random"/>.</summary>
    /// <param name="step">The step.</param>
    /// <param name="group">Number of the group.</param>
    public static uint Seed(int step, int group)
    {
        uint x = (((uint)step * 0x85EB_CA6Bu) + (uint)group + 1) * 0xC2B2_AE35u;
        return x ^ (x >> 15);
    }

    /// <summary>Reads bfloat16.</summary>
    /// <param name="codes">The numbers.</param>
    /// <param name="values">As many; written over.</param>
    public static void FromBFloat16(ReadOnlySpan<ushort> codes, Span<float> values)
    {
        int i = 0;
        for (; i <= codes.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(codes[i..]), out Vector<uint> low, out Vector<uint> high);
            Vector.AsVectorSingle(low << HalfBits).CopyTo(values[i..]);
            Vector.AsVectorSingle(high << HalfBits).CopyTo(values[(i + Vector<uint>.Count)..]);
        }
        for (; i < codes.Length; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle((uint)codes[i] << HalfBits);
        }
    }

    /// <summary>Writes bfloat16.</summary>
    /// <param name="values">Finite numbers.</param>
    /// <param name="random">As many random 16 bits.</param>
    /// <param name="upper">Whether they are the upper ones.</param>
    /// <param name="codes">As many; written over.</param>
    public static void ToBFloat16(ReadOnlySpan<float> values, ReadOnlySpan<uint> random, bool upper, Span<ushort> codes)
    {
        int i = 0, half = Vector<uint>.Count;
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        for (; i <= codes.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector<uint> low = (new Vector<uint>(bits[i..]) + Half(new Vector<uint>(random[i..]), upper)) >>> HalfBits;
            Vector<uint> high = (new Vector<uint>(bits[(i + half)..]) + Half(new Vector<uint>(random[(i + half)..]), upper)) >>> HalfBits;
            Vector.Narrow(low, high).CopyTo(codes[i..]);
        }
        for (; i < codes.Length; i++)
        {
            codes[i] = (ushort)((bits[i] + Half(random[i], upper)) >> HalfBits);
        }
    }

    /// <summary>Reads 8-bit numbers of one block.</summary>
    /// <param name="codes">The codes, at most <see cref="BlockLength"/>.</param>
    /// <param name="from">The block's base.</param>
    /// <param name="signed">Whether they have a sign.</param>
    /// <param name="values">As many; written over.</param>
    public static void FromEightBit(ReadOnlySpan<byte> codes, int from, bool signed, Span<float> values)
    {
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(values)[..codes.Length];
        Spread(codes, bits);
        uint mask = signed ? Magnitude : 0xFFu;
        Vector<uint> masks = new(mask), bases = new((uint)from);
        int i = 0;
        foreach (ref Vector<uint> number in MemoryMarshal.Cast<uint, Vector<uint>>(bits))
        {
            Vector<uint> code = number & masks, sign = (number & ~masks) << 24;
            number = Vector.ConditionalSelect(
                Vector.Equals(code, Vector<uint>.Zero), Vector<uint>.Zero, ((code + bases) << CodeShift) | sign);
            i += Vector<uint>.Count;
        }
        for (; i < bits.Length; i++)
        {
            uint code = bits[i] & mask;
            bits[i] = code == 0 ? 0 : ((code + (uint)from) << CodeShift) | ((bits[i] & ~mask) << 24);
        }
    }

    /// <summary>Writes numbers that aren't negative as one block. What is above 0 stays so, since steps divide by it.</summary>
    /// <param name="values">Finite numbers, at most <see cref="BlockLength"/>.</param>
    /// <param name="random">As many; the upper 16 bits count.</param>
    /// <param name="codes">As many; written over.</param>
    /// <returns>The block's base.</returns>
    public static int ToEightBitUnsigned(ReadOnlySpan<float> values, ReadOnlySpan<uint> random, Span<byte> codes)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        int from = Base(bits, TopUnsigned);
        Span<uint> wide = stackalloc uint[BlockLength];
        wide = wide[..values.Length];
        Vector<int> bases = new(from);
        int i = 0;
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            Vector<uint> number = new(bits[i..]);
            Vector<uint> raised = (number + (Half(new Vector<uint>(random[i..]), upper: true) << (CodeShift - HalfBits))) >>> CodeShift;
            Vector<uint> code = Vector.AsVectorUInt32(Vector.Max(Vector.AsVectorInt32(raised) - bases, Vector<int>.One));
            Vector.ConditionalSelect(Vector.Equals(number, Vector<uint>.Zero), Vector<uint>.Zero, code).CopyTo(wide[i..]);
        }
        for (; i < bits.Length; i++)
        {
            int raised = (int)((bits[i] + (Half(random[i], upper: true) << (CodeShift - HalfBits))) >> CodeShift);
            wide[i] = bits[i] == 0 ? 0 : (uint)Math.Max(raised - from, 1);
        }
        Gather(wide, codes);
        return from;
    }

    /// <summary>Writes numbers as one block. What is below the least code becomes that or 0, at random.</summary>
    /// <param name="values">Finite numbers, at most <see cref="BlockLength"/>.</param>
    /// <param name="random">As many; the lower 16 bits count.</param>
    /// <param name="codes">As many; written over.</param>
    /// <returns>The block's base.</returns>
    public static int ToEightBitSigned(ReadOnlySpan<float> values, ReadOnlySpan<uint> random, Span<byte> codes)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        int from = Base(bits, TopSigned);
        float least = BitConverter.UInt32BitsToSingle((uint)(from + 1) << CodeShift);
        Span<uint> wide = stackalloc uint[BlockLength];
        wide = wide[..values.Length];
        Vector<uint> bases = new((uint)from), below = new((uint)(from + 1) << CodeShift), sign = new(SignBit);
        Vector<float> unit = new(least / (1 << HalfBits));
        int i = 0;
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            Vector<uint> number = new(bits[i..]), size = number & ~sign, chance = Half(new Vector<uint>(random[i..]), upper: false);
            Vector<uint> code = ((size + (chance << (CodeShift - HalfBits))) >>> CodeShift) - bases;
            Vector<uint> small = Vector.ConditionalSelect(
                Vector.AsVectorUInt32(Vector.GreaterThan(
                    Vector.AsVectorSingle(size), Vector.ConvertToSingle(Vector.AsVectorInt32(chance)) * unit)),
                Vector<uint>.One, Vector<uint>.Zero);
            (Vector.ConditionalSelect(Vector.LessThan(size, below), small, code) | ((number & sign) >>> 24)).CopyTo(wide[i..]);
        }
        for (; i < bits.Length; i++)
        {
            uint size = bits[i] & ~SignBit, chance = Half(random[i], upper: false);
            uint code = size < ((uint)(from + 1) << CodeShift)
                ? BitConverter.UInt32BitsToSingle(size) > chance * (least / (1 << HalfBits)) ? 1u : 0
                : ((size + (chance << (CodeShift - HalfBits))) >> CodeShift) - (uint)from;
            wide[i] = code | ((bits[i] & SignBit) >> 24);
        }
        Gather(wide, codes);
        return from;
    }

    private static int Base(ReadOnlySpan<uint> bits, int top)
    {
        Vector<uint> largest = Vector<uint>.Zero, sign = new(SignBit);
        int i = 0;
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            largest = Vector.Max(largest, new Vector<uint>(bits[i..]) & ~sign);
        }
        uint most = 0;
        for (int lane = 0; lane < Vector<uint>.Count; lane++)
        {
            most = Math.Max(most, largest[lane]);
        }
        for (; i < bits.Length; i++)
        {
            most = Math.Max(most, bits[i] & ~SignBit);
        }
        return Math.Max(0, (int)(most >> CodeShift) - top);
    }

    private static Vector<uint> Half(Vector<uint> random, bool upper) => upper ? random >>> HalfBits : random & new Vector<uint>(0xFFFF);

    private static uint Half(uint random, bool upper) => upper ? random >> HalfBits : random & 0xFFFF;

    private static void Spread(ReadOnlySpan<byte> codes, Span<uint> wide)
    {
        int i = 0, quarter = Vector<uint>.Count;
        for (; i <= codes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(codes[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
            Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
            first.CopyTo(wide[i..]);
            second.CopyTo(wide[(i + quarter)..]);
            third.CopyTo(wide[(i + (2 * quarter))..]);
            fourth.CopyTo(wide[(i + (3 * quarter))..]);
        }
        for (; i < codes.Length; i++)
        {
            wide[i] = codes[i];
        }
    }

    private static void Gather(ReadOnlySpan<uint> wide, Span<byte> codes)
    {
        int i = 0, quarter = Vector<uint>.Count;
        for (; i <= codes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<ushort> low = Vector.Narrow(new Vector<uint>(wide[i..]), new Vector<uint>(wide[(i + quarter)..]));
            Vector<ushort> high = Vector.Narrow(
                new Vector<uint>(wide[(i + (2 * quarter))..]), new Vector<uint>(wide[(i + (3 * quarter))..]));
            Vector.Narrow(low, high).CopyTo(codes[i..]);
        }
        for (; i < codes.Length; i++)
        {
            codes[i] = (byte)wide[i];
        }
    }
}
