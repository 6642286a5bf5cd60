using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Upsamples domains with fewer training examples to the largest (docs/methods.md#pairs-as-hyperdas-draws-them), which gives each the same
/// weight in training.
/// </summary>
public static class RavelUpsampler
{
    /// <summary>
    /// The domains in sequence, each as long as the largest: the additional rows come first, taken from a shuffle of the domain's rows that
    /// is repeated as often as needed. Validation and test don't change.
    /// </summary>
    /// <param name="dataset">A dataset of one or more domains.</param>
    /// <param name="seed">Seed of the shuffle.</param>
    /// <returns>The dataset with the longer training set; the same one when no domain is shorter.</returns>
    public static RavelDataset ToLargestDomain(RavelDataset dataset, long seed)
    {
        RavelExample[][] domains = [.. dataset.Train.GroupBy(example => example.Domain).Select(domain => domain.ToArray())];
        int largest = domains.Select(domain => domain.Length).DefaultIfEmpty().Max();
        if (domains.All(domain => domain.Length == largest))
        {
            return dataset;
        }
        return dataset with { Train = [.. domains.SelectMany(domain => Filled(domain, largest, seed))] };
    }

    private static IEnumerable<RavelExample> Filled(RavelExample[] domain, int count, long seed)
    {
        RavelExample[] shuffled = [.. domain];
        new SeededRandom(seed, $"upsample/{domain[0].Domain}").Shuffle<RavelExample>(shuffled);
        return Enumerable.Range(0, count - domain.Length).Select(i => shuffled[i % shuffled.Length]).Concat(domain);
    }
}
