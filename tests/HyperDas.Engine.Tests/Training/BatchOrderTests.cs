using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Reference;
using HyperDas.Engine.Training;
using Xunit;

namespace HyperDas.Engine.Tests.Training;

public class BatchOrderTests
{
    private static readonly TokenizedExample[] s_examples = RandomExamples.Create(50);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_epoch_takes_every_example_once_and_its_last_batch_what_is_left(bool groupByLength)
    {
        IReadOnlyList<int[]> batches = BatchOrder.Epoch(s_examples, batchSize: 8, seed: 1, epoch: 0, groupByLength);

        Assert.Equal(Enumerable.Range(0, 50), batches.SelectMany(b => b).Order());
        Assert.Equal([2, 8, 8, 8, 8, 8, 8], batches.Select(b => b.Length).Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_batch_may_be_as_large_as_a_number_goes(bool groupByLength)
    {
        Assert.Equal(50, BatchOrder.Epoch(s_examples, int.MaxValue, seed: 1, epoch: 0, groupByLength).Single().Length);
    }

    [Fact]
    public void The_order_depends_on_seed_and_epoch_alone()
    {
        Assert.Equal(Order(1, 0), Order(1, 0));
        Assert.NotEqual(Order(1, 0), Order(1, 1));
        Assert.NotEqual(Order(1, 0), Order(2, 0));

        static int[] Order(long seed, int epoch) =>
            [.. BatchOrder.Epoch(s_examples, 8, seed, epoch, groupByLength: true).SelectMany(b => b)];
    }

    [Fact]
    public void Grouping_by_length_wastes_less_on_padding()
    {
        Assert.True(Padding(groupByLength: true) < 0.7 * Padding(groupByLength: false));

        static int Padding(bool groupByLength) => BatchOrder.Epoch(s_examples, 8, seed: 1, epoch: 0, groupByLength)
            .Sum(batch => batch.Sum(i => batch.Max(j => s_examples[j].BaseIds.Length) - s_examples[i].BaseIds.Length));
    }

    [Fact]
    public void A_batch_may_be_larger_than_the_dataset()
    {
        Assert.Equal(50, Assert.Single(BatchOrder.Epoch(s_examples, batchSize: 1000, seed: 1, epoch: 0, groupByLength: true)).Length);
    }
}
