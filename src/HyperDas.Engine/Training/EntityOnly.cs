using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training;

/// <summary>
/// Keeps an interpreter from relying on what surrounds the entity: of some examples it is shown nothing of the base but the entity's last
/// token, so that the subspace must tell the concepts apart by itself. What the surroundings say about the question then comes on top.
/// </summary>
public static class EntityOnly
{
    /// <summary>Draws the examples of one step. The draw depends on seed and step alone, so that a training can go on anywhere.</summary>
    /// <param name="examples">The step's examples.</param>
    /// <param name="share">Probability of each to be shown at the entity only, 0 to 1.</param>
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
