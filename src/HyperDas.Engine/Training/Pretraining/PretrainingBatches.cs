using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>An endless, seeded stream of batches of texts of equal padded length.</summary>
internal static class PretrainingBatches
{
    private const int CountMultiple = 8;

    /// <summary>Goes through epoch after epoch, each in its own random order.</summary>
    /// <param name="corpus">Gives the texts of an epoch.</param>
    /// <param name="batchTokens">Tokens per batch, about.</param>
    /// <param name="random">Source of order.</param>
    public static IEnumerable<IReadOnlyList<PretrainingText>> Stream(PretrainingCorpus corpus, int batchTokens, SeededRandom random)
    {
        // What doesn't fill a batch waits for the next epoch.
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
