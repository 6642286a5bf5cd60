using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training;

/// <summary>
/// Prepares an interpreter for free text, which doesn't specify where its entity ends: a fraction of the training examples is shown beyond
/// the entity. The source keeps its own suffix; the base gets another example's, because with its own the interpreter would learn to read
/// the question and to leave isolate prompts unchanged whatever the subspace, and would then fail on unseen questions.
/// </summary>
public static class WholePrompts
{
    /// <summary>Shows some examples beyond the entity.</summary>
    /// <param name="examples">Tokenised examples, visible up to the entity.</param>
    /// <param name="share">Fraction of them, 0 to 1.</param>
    /// <param name="seed">Seed of the chosen examples and the suffixes.</param>
    /// <param name="epoch">Epoch, 0-based, if each has its own examples.</param>
    /// <returns>The examples in the same order.</returns>
    public static IReadOnlyList<TokenizedExample> Show(IReadOnlyList<TokenizedExample> examples, double share, long seed, int epoch = 0)
    {
        if (share <= 0)
        {
            return examples;
        }
        SeededRandom random = new(
            seed, epoch == 0 ? "training/whole prompts" : FormattableString.Invariant($"training/whole prompts/{epoch}"));
        return [.. examples.Select(e => random.NextDouble() < share ? Show(e, random.Pick(examples)) : e)];
    }

    private static TokenizedExample Show(TokenizedExample example, TokenizedExample lender)
    {
        int[] decoy =
        [
            .. example.BaseIds.AsSpan(0, example.BaseEntityIndex + 1),
            .. lender.BaseIds.AsSpan(lender.BaseEntityIndex + 1, lender.PromptLength - lender.BaseEntityIndex - 1),
        ];
        return example with { BaseDecoyIds = decoy, BaseVisible = decoy.Length, SourceVisible = example.SourceIds.Length };
    }
}
