using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Tests.Reference;

/// <summary>Interchange examples of random tokens: what they say doesn't matter, their shapes do.</summary>
internal static class RandomExamples
{
    /// <summary>Examples of ragged lengths; some have an empty suffix on one side or on both.</summary>
    /// <param name="count">How many.</param>
    /// <param name="vocabulary">Tokens 0 … this − 1 occur.</param>
    /// <param name="seed">The same seed gives the same examples.</param>
    /// <param name="instruction">Length of all instructions; null: ragged.</param>
    internal static TokenizedExample[] Create(int count, int vocabulary = 50, int seed = 1, int? instruction = null)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(n => One(random, vocabulary, n, instruction))];
    }

    private static TokenizedExample One(Random random, int vocabulary, int index, int? instruction)
    {
        int prompt = random.Next(3, 10), source = random.Next(2, 9), label = random.Next(1, 4);
        int visible = index % 3 == 0 ? prompt : random.Next(2, prompt), sourceVisible = index % 2 == 0 ? source : random.Next(1, source);
        return new TokenizedExample
        {
            BaseIds = Ids(prompt + label),
            PromptLength = prompt,
            BaseVisible = visible,
            BaseEntityIndex = visible - 1,
            SourceIds = Ids(source),
            SourceVisible = sourceVisible,
            SourceEntityIndex = sourceVisible - 1,
            InstructionIds = Ids(instruction ?? random.Next(1, 6)),
            IsCause = random.Next(2) == 0,
        };

        int[] Ids(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(vocabulary))];
    }
}
