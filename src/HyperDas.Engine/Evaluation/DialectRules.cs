using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Instances;

namespace HyperDas.Engine.Evaluation;

/// <summary>The criteria of a correct answer in each dialect (docs/methods.md#dialects).</summary>
internal static class DialectRules
{
    private const int RavelTokens = 3;
    private const int MibTokens = 2;
    private const int SaeBenchTokens = 6;

    /// <summary>
    /// Number of tokens of the answer under the edit that a dialect reads; 0: it evaluates the label's positions instead.
    /// </summary>
    internal static int NewTokens(RavelDialect dialect) => dialect switch
    {
        RavelDialect.Ravel => RavelTokens,
        RavelDialect.Mib => MibTokens,
        RavelDialect.SaeBench => SaeBenchTokens,
        _ => 0,
    };

    /// <summary>Whether each example is correct.</summary>
    /// <param name="dialect">The dialect.</param>
    /// <param name="examples">The examples with their tokens.</param>
    /// <param name="predictions">The answers.</param>
    /// <param name="model">The target model that answered.</param>
    /// <param name="date">The date of the time zones' offsets.</param>
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

    /// <summary>Labels longer than the generation are truncated to it; shorter ones must be its prefix.</summary>
    private static bool StartsWithLabel(int[] generated, TokenizedExample tokens)
    {
        int counted = Math.Min(RavelTokens, tokens.LabelLength);
        return counted > 0 && tokens.BaseIds.AsSpan(tokens.PromptLength, counted).SequenceEqual(generated.AsSpan(0, counted));
    }

    private static string Text(LanguageModel model, int[] generated, int count) =>
        model.Tokenizer.DecodeContinuation(generated.Take(count).TakeWhile(id => !model.EndTokenIds.Contains(id)));
}
