namespace HyperDas.Engine.Numerics;

/// <summary>
/// Gives the numbers of another generator, and gives them again: what a batch leaves to chance is decided once for all of its parts.
/// </summary>
/// <param name="source">Where the numbers come from; its <see cref="Random.NextDouble"/> must pass through <c>Sample</c>.</param>
internal sealed class RepeatedRandom(Random source) : Random(0)
{
    private readonly List<double> _drawn = [];
    private int _next;

    /// <summary>Begins again with the first number.</summary>
    public void Rewind() => _next = 0;

    // The source of Next(bound), Next(from, to), NextDouble and NextSingle.
    protected override double Sample()
    {
        if (_next == _drawn.Count)
        {
            _drawn.Add(source.NextDouble());
        }
        return _drawn[_next++];
    }
}
