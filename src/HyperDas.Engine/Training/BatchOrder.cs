using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training;

/// <summary>The order of training examples: seeded, different in every epoch, identical on every machine.</summary>
public static class BatchOrder
{
    // Sorting by length within windows of this many batches equalises lengths without making epochs predictable.
    private const int Window = 16;

    /// <summary>Batches of one epoch, as indices into the examples; the last one may be smaller.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="batchSize">Examples per batch.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="epoch">0-based.</param>
    /// <param name="groupByLength">Whether to group prompts of similar length.</param>
    public static IReadOnlyList<int[]> Epoch(
        IReadOnlyList<TokenizedExample> examples, int batchSize, long seed, int epoch, bool groupByLength)
    {
        Random random = new(unchecked((int)((seed * 1_000_003) + epoch)));
        int[] order = [.. Enumerable.Range(0, examples.Count)];
        random.Shuffle(order);
        if (!groupByLength)
        {
            return [.. order.Chunk(batchSize)];
        }
        int[][] batches =
        [
            .. order.Chunk((int)Math.Min(int.MaxValue, (long)batchSize * Window))
                .SelectMany(window => window.OrderBy(i => examples[i].BaseIds.Length).ThenBy(i => i).Chunk(batchSize)),
        ];
        random.Shuffle(batches);
        return batches;
    }
}
