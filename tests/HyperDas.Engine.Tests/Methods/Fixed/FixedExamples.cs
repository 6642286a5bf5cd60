using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Tokenization;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods.Fixed;

/// <summary>
/// A small random target model, two concepts, and a batch that mixes them, with prompts of different lengths and empty suffixes.
/// </summary>
internal static class FixedExamples
{
    internal const int Layer = 2;

    internal static ConceptKey Country { get; } = new("city", "Country");

    internal static ConceptKey Language { get; } = new("city", "Language");

    internal static ConceptKey[] Concepts { get; } = [Country, Language];

    internal static LanguageModel Target() => TinyLlama.Create(
        TinyLlama.Config with { VocabularySize = 300, BosTokenId = 262 },
        tokenizer: TinyTokenizer.Build(["V i", "e n", "Vi en", "n a", "Ġ i", "Ġi s"]));

    /// <summary>Examples that ask for the concepts in turn: one label token each, entities at different places.</summary>
    internal static TokenizedExample[] Tokens(params ConceptKey[] concepts) =>
    [
        .. concepts.Select((concept, n) => new TokenizedExample
        {
            BaseIds = [48, .. Enumerable.Range(1 + n, 4 + n), 30 + n],
            PromptLength = 5 + n,
            // The second one's entity ends its prompt.
            BaseVisible = n == 1 ? 5 + n : 3,
            BaseEntityIndex = n == 1 ? 4 + n : 2,
            SourceIds = [48, .. Enumerable.Range(10 + (2 * n), 3)],
            SourceVisible = 3,
            SourceEntityIndex = 2,
            InstructionIds = [48, 5],
            Concept = concept,
            IsCause = n % 2 == 0,
        }),
    ];

    internal static InterchangeBatch Batch(Interpreter interpreter, IReadOnlyList<TokenizedExample> examples)
    {
        using ActivationCache cache = interpreter.CreateCache();
        return new InterchangeBatchBuilder(interpreter.Target, cache, interpreter.Layer).Build(examples);
    }

    /// <summary>The hidden states after an interpreter's edit, as at evaluation.</summary>
    internal static Tensor Edited(Interpreter interpreter, InterchangeBatch batch, SelectionMode mode = SelectionMode.Soft)
    {
        using IDisposable noGradient = no_grad();
        return Interpreter.Edit(batch, interpreter.Propose(batch), mode);
    }

    /// <summary>What the whole source vector at the entity would give.</summary>
    internal static Tensor Swapped(LanguageModel target, InterchangeBatch batch)
    {
        using ReferenceInterpreter swap = new(target, Layer, ReferenceMethod.FullSwap);
        return Edited(swap, batch);
    }
}
