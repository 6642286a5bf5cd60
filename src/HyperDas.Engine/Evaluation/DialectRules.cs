using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Instances;

namespace HyperDas.Engine.Evaluation;

/// <summary>What counts as right in each dialect (docs/methods.md#dialects).</summary>
internal static class DialectRules
{
    private const int RavelTokens = 3;
    private const int MibTokens = 2;
    private const int SaeBenchTokens = 6;

    /// <summary>Tokens that a dialect reads of the answer under the edit; 0: it asks for the label's own positions instead.</summary>
    internal static int NewTokens(RavelDialect dialect) => dialect switch
    {
        RavelDialect.Ravel => RavelTokens,
        RavelDialect.Mib => MibTokens,
        RavelDialect.SaeBench => SaeBenchTokens,
        _ => 0,
    };

    /// <summary>Whether each example is right.</summary>
    /// <param name="dialect">Whose rules.</param>
    /// <param name="examples">The examples with their tokens.</param>
    /// <param name="predictions">What was answered.</param>
    /// <param name="model">The target model that answered.</param>
    /// <param name="date">The day that time zones' offsets are taken from.</param>
    internal static bool[] Judge(
        RavelDialect dialect, IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> examples, RavelPredictions predictions,
        LanguageModel model, DateOnly date) => dialect switch
        {
            RavelDialect.Ravel => Each(examples, predictions, (_, tokens, generated) => StartsWithLabel(generated, tokens)),
            RavelDialect.Mib => Each(examples, predictions, (example, _, generated) => LenientMatch.IsRight(
                example.GoldLabel, Text(model, generated, MibTokens))),
            RavelDialect.SaeBench => Each(examples, predictions, (example, _, generated) =>
                CompletionJudge.IsCorrect(example.BaseTemplate, example.GoldLabel, Text(model, generated, SaeBenchTokens), date)),
            _ => predictions.LabelHits,
        };

    private static bool[] Each(
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> examples, RavelPredictions predictions,
        Func<RavelExample, TokenizedExample, int[], bool> isRight) =>
        [.. examples.Select((pair, i) => isRight(pair.Example, pair.Tokens, predictions.Generated[i]))];

    /// <summary>Labels longer than the generation are cut to it; shorter ones only need to begin it.</summary>
    private static bool StartsWithLabel(int[] generated, TokenizedExample tokens)
    {
        int counted = Math.Min(RavelTokens, tokens.LabelLength);
        return counted > 0 && tokens.BaseIds.AsSpan(tokens.PromptLength, counted).SequenceEqual(generated.AsSpan(0, counted));
    }

    private static string Text(LanguageModel model, int[] generated, int count) =>
        model.Tokenizer.DecodeContinuation(generated.Take(count).TakeWhile(id => !model.EndTokenIds.Contains(id)));
}
