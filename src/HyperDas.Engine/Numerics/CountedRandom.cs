namespace HyperDas.Engine.Numerics;

/// <summary>
/// The numbers of <see cref="Random"/> with the same seed, counted. Seed and count are the whole state: a new generator that has drawn the
/// same number continues where another stopped.
/// </summary>
/// <param name="seed">Seed.</param>
internal sealed class CountedRandom(int seed) : Random(seed)
{
    /// <summary>Numbers drawn.</summary>
    public long Draws { get; private set; }

    /// <summary>Draws until this many numbers have been drawn.</summary>
    /// <param name="draws">At least <see cref="Draws"/>.</param>
    public void SkipTo(long draws)
    {
        while (Draws < draws)
        {
            Sample();
        }
    }

    /// <inheritdoc/>
    public override int Next() => throw NotCounted();

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer) => throw NotCounted();

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer) => throw NotCounted();

    /// <inheritdoc/>
    public override long NextInt64() => throw NotCounted();

    /// <inheritdoc/>
    public override long NextInt64(long maxValue) => throw NotCounted();

    /// <inheritdoc/>
    public override long NextInt64(long minValue, long maxValue) => throw NotCounted();

    // The source of Next(bound), Next(from, to), NextDouble and NextSingle.
    /// <inheritdoc/>
    protected override double Sample()
    {
        Draws++;
        return base.Sample();
    }

    private static NotSupportedException NotCounted() => new("Only draws that pass through Sample are counted.");
}
