using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>Counts what of a dataset a model can't use or doesn't know, so that nothing is left out quietly.</summary>
public static class ExampleChecks
{
    /// <summary>The counts of a dataset. They are for the user to judge: a training goes on with the examples that are left.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="collation">How the interpreter to be trained has them tokenised; null for the defaults.</param>
    /// <returns>One step for each count; nothing is computed before they are run.</returns>
    public static IReadOnlyList<CheckStep> Of(LanguageModel model, RavelDataset dataset, RavelCollatorOptions? collation = null)
    {
        RavelCollatorOptions options = (collation ?? new RavelCollatorOptions()) with { MaxTokens = dataset.MaxTokens };
        return
        [
            new CheckStep("LabelsWithinLimit", stop => Labels(model, dataset, options, stop)),
            new CheckStep("FactsKnown", stop => Facts(model, dataset, options, stop)),
        ];
    }

    private static ModelCheck Labels(LanguageModel model, RavelDataset dataset, RavelCollatorOptions options, CancellationToken stop)
    {
        RavelExample[] all = All(dataset);
        UnusableExamples unusable = new RavelCollator(model.Tokenizer, options).TokenizeRows(all, stop).Unusable;
        string built = dataset.Counts is { SkippedTooLong: 0, SkippedWithoutLabel: 0 } ? ""
            : $" {dataset.Counts.SkippedTooLong + dataset.Counts.SkippedWithoutLabel} more were left out when the dataset was made.";
        return Counted(
            "LabelsWithinLimit", model, unusable.Total, all.Length,
            $"examples whose prompt or label is cut off at {options.MaxTokens} tokens, or that have no label",
            (unusable.Total == 0 ? $"All {all.Length} examples are whole." : $"{unusable}: they are neither trained on nor scored.")
                + built);
    }

    private static ModelCheck Facts(LanguageModel model, RavelDataset dataset, RavelCollatorOptions options, CancellationToken stop)
    {
        const string compares = "facts that base prompts ask for and the model doesn't answer";
        if (dataset.Provenance is { } made && made.ModelFingerprint == model.Fingerprint
            && model.Tokenizer.IsSame(made.TokenizerFingerprint))
        {
            // Asked when the dataset was made: what the examples ask for is known by construction.
            (int known, int unknown) = (dataset.Counts.KnownFacts, dataset.Counts.UnknownFacts);
            return Counted("FactsKnown", model, 0, known + unknown, compares,
                $"The model answers {known} of {known + unknown} facts asked when the dataset was made; the other {unknown} are in no example.");
        }
        RavelCollator collator = new(model.Tokenizer, options with { Tokenization = RavelTokenization.Separate });
        (int[], int)[] asked =
        [
            .. All(dataset).DistinctBy(e => (e.BasePrompt, e.BaseValue))
                .Select(e => collator.Tokenize(e with { Kind = RavelExampleKind.Isolate }))
                .Where(t => t.LabelLength > 0 && collator.Fits(t)).Select(t => (t.BaseIds, t.PromptLength)),
        ];
        int missing = new ModelFactOracle(model).Answers(asked, stop).Count(known => !known);
        return Counted(
            "FactsKnown", model, missing, asked.Length, compares,
            missing == 0
                ? $"The model answers all {asked.Length} facts."
                : $"The model doesn't answer {missing} of {asked.Length} facts; what isn't known can't be patched.");
    }

    private static RavelExample[] All(RavelDataset dataset) => [.. dataset.Train, .. dataset.Val, .. dataset.Test];

    private static ModelCheck Counted(string name, LanguageModel model, long count, long total, string compares, string detail) => new()
    {
        Name = name,
        Model = model.Name,
        Passed = count == 0,
        Required = false,
        Count = count,
        Total = total,
        Compares = compares,
        Detail = detail,
    };
}
