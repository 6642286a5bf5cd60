using HyperDas.Engine.Numerics;
using Xunit;

namespace HyperDas.Engine.Tests.Numerics;

public class CountedRandomTests
{
    [Fact]
    public void It_draws_the_numbers_of_Random_and_counts_them()
    {
        Random plain = new(17);
        CountedRandom counted = new(17);

        Assert.Equal(Draw(plain, 50), Draw(counted, 50));
        Assert.Equal(150, counted.Draws);
    }

    [Fact]
    public void It_goes_on_where_another_stopped()
    {
        CountedRandom whole = new(17), resumed = new(17);
        Draw(whole, 10);

        resumed.SkipTo(whole.Draws);

        Assert.Equal(Draw(whole, 10), Draw(resumed, 10));
    }

    [Fact]
    public void What_could_not_be_counted_is_refused()
    {
        CountedRandom random = new(1);

        Assert.Throws<NotSupportedException>(() => random.Next());
        Assert.Throws<NotSupportedException>(() => random.NextInt64());
        Assert.Throws<NotSupportedException>(() => random.NextBytes(new byte[4]));
    }

    private static double[] Draw(Random random, int rounds) =>
        [.. Enumerable.Range(0, rounds).SelectMany(_ => new[] { random.Next(2), random.Next(3, 1000), random.NextDouble() })];
}
