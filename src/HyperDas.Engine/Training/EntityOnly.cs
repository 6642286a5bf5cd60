using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training;

/// <summary>
/// Keeps an interpreter from relying on the context of the entity: for some examples, only the last entity token of the base is shown, so
/// the subspace must separate the concepts by itself. The context then adds to it.
/// </summary>
public static class EntityOnly
{
    /// <summary>Draws the examples of one step. The draw depends only on seed and step, so a training can resume anywhere.</summary>
    /// <param name="examples">The step's examples.</param>
    /// <param name="share">Probability for each example of showing only the entity, 0 to 1.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <param name="step">Steps taken before.</param>
    /// <returns>The examples in the same order.</returns>
    public static IReadOnlyList<TokenizedExample> Show(IReadOnlyList<TokenizedExample> examples, double share, long seed, int step)
    {
        if (share <= 0)
        {
            return examples;
        }
        SeededRandom random = new(seed, FormattableString.Invariant($"training/entity only/{step}"));
        return [.. examples.Select(e => random.NextDouble() < share ? e with { BaseEntityOnly = true } : e)];
    }
}
