using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training.Memory;

/// <summary>Validation examples of a training; a separate cache stores their hidden states.</summary>
/// <param name="Examples">Number of examples.</param>
/// <param name="PrefixTokens">Number of tokens of their distinct prompts as shown.</param>
/// <param name="WholeTokens">Number of tokens of their distinct whole base sequences.</param>
internal readonly record struct LookedAt(double Examples, double PrefixTokens, double WholeTokens)
{
    /// <summary>The sizes of existing examples.</summary>
    /// <param name="examples">The examples.</param>
    public static LookedAt Of(IReadOnlyCollection<TokenizedExample> examples)
    {
        (long prefixes, long whole) = Tokens(examples);
        return new LookedAt(examples.Count, prefixes, whole);
    }

    /// <summary>The sum of both.</summary>
    /// <param name="other">Sizes of examples with other prompts.</param>
    public LookedAt And(LookedAt other) => new(
        Examples + other.Examples, PrefixTokens + other.PrefixTokens, WholeTokens + other.WholeTokens);

    /// <summary>The sizes of an equal part.</summary>
    /// <param name="examples">Number of examples in the part, at most all.</param>
    public LookedAt Part(double examples) => Examples == 0 ? this : new(
        examples, PrefixTokens * examples / Examples, WholeTokens * examples / Examples);

    /// <summary>Tokens of the different sequences whose hidden states are kept.</summary>
    /// <param name="examples">The examples.</param>
    internal static (long Prefixes, long Whole) Tokens(IReadOnlyCollection<TokenizedExample> examples)
    {
        HashSet<int[]> prefixes = new(SequenceComparer.Instance), whole = new(SequenceComparer.Instance);
        foreach (TokenizedExample example in examples)
        {
            prefixes.Add(example.BaseShown);
            prefixes.Add(example.SourceIds[..example.SourceVisible]);
            whole.Add(example.BaseIds);
        }
        return (prefixes.Sum(s => (long)s.Length), whole.Sum(s => (long)s.Length));
    }
}
