using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>An endless, seeded stream of batches of texts of equal padded length.</summary>
internal static class PretrainingBatches
{
    private const int CountMultiple = 8;

    /// <summary>Yields epoch after epoch, each in its own random order.</summary>
    /// <param name="corpus">Provides the texts of an epoch.</param>
    /// <param name="batchTokens">Approximate number of tokens per batch.</param>
    /// <param name="random">Source of randomness for the order.</param>
    public static IEnumerable<IReadOnlyList<PretrainingText>> Stream(PretrainingCorpus corpus, int batchTokens, SeededRandom random)
    {
        // Incomplete batches are kept for the next epoch.
        Dictionary<int, List<PretrainingText>> waiting = [];
        while (true)
        {
            PretrainingText[] texts = corpus.Epoch(random);
            random.Shuffle<PretrainingText>(texts);
            foreach (PretrainingText text in texts)
            {
                int length = PretrainingBatch.PaddedLength(text);
                if (!waiting.TryGetValue(length, out List<PretrainingText>? batch))
                {
                    waiting[length] = batch = [];
                }
                batch.Add(text);
                if (batch.Count == Math.Max(CountMultiple, batchTokens / length / CountMultiple * CountMultiple))
                {
                    yield return batch;
                    waiting[length] = [];
                }
            }
        }
    }
}
