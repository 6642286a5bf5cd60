using System.Numerics;

namespace HyperDas.Engine.Numerics;

/// <summary>
/// Random numbers that depend on the seed alone, not on the .NET version: xoshiro256**, started by SplitMix64. Each use derives its own
/// generator by name, so that drawing more in one place changes nothing in another.
/// </summary>
public sealed class SeededRandom
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>Starts the generator of one use of a seed.</summary>
    /// <param name="seed">The seed that the user gave.</param>
    /// <param name="use">What the numbers are for, e.g. <c>city/Country/Train</c>; different uses are independent.</param>
    public SeededRandom(long seed, string use = "")
    {
        // FNV-1a over the name, mixed into the seed.
        ulong hash = 14695981039346656037;
        foreach (char letter in use)
        {
            hash = (hash ^ letter) * 1099511628211;
        }
        ulong state = (ulong)seed ^ BitOperations.RotateLeft(hash, 32);
        _s0 = SplitMix(ref state);
        _s1 = SplitMix(ref state);
        _s2 = SplitMix(ref state);
        _s3 = SplitMix(ref state);
    }

    /// <summary>The whole state, four words: a generator that is given it goes on where this one stands.</summary>
    /// <exception cref="ArgumentException">Not four words.</exception>
    public IReadOnlyList<ulong> State
    {
        get => [_s0, _s1, _s2, _s3];
        set => (_s0, _s1, _s2, _s3) = value is [ulong a, ulong b, ulong c, ulong d]
            ? (a, b, c, d)
            : throw new ArgumentException("A state has four words.", nameof(value));
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A whole number from 0 to <paramref name="bound"/> − 1, each equally likely.</summary>
    /// <param name="bound">At least 1.</param>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        // The high half of a 64 x 64 product; the rare biased low values are drawn again (Lemire's method).
        ulong range = (ulong)bound;
        ulong unfair = (0UL - range) % range;
        while (true)
        {
            ulong high = Math.BigMul(NextBits(), range, out ulong low);
            if (low >= unfair)
            {
                return (int)high;
            }
        }
    }

    /// <summary>A number from 0 up to but not including 1, with 53 random bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>One item, each equally likely.</summary>
    /// <param name="items">At least one.</param>
    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>Brings items into random order, in place (Fisher-Yates).</summary>
    /// <param name="items">What to shuffle.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int other = Next(i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
