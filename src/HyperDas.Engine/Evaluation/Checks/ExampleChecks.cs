using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>Counts the examples that a model can't use and the facts that it doesn't know, so nothing is dropped silently.</summary>
public static class ExampleChecks
{
    /// <summary>The counts of a dataset. They are for the user to judge: training continues with the remaining examples.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="collation">How examples are tokenised for the interpreter to be trained; null for the defaults.</param>
    /// <returns>One step for each count; nothing is computed before it is run.</returns>
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
            : $" {dataset.Counts.SkippedTooLong + dataset.Counts.SkippedWithoutLabel} more were omitted when the dataset was made.";
        return Counted(
            "LabelsWithinLimit", model, unusable.Total, all.Length,
            $"examples with more than {options.MaxTokens} tokens, or without a label",
            (unusable.Total == 0 ? $"All {all.Length} examples are complete." : $"{unusable}: they are neither trained on nor scored.")
                + built);
    }

    private static ModelCheck Facts(LanguageModel model, RavelDataset dataset, RavelCollatorOptions options, CancellationToken stop)
    {
        const string compares = "facts in base prompts that the model doesn't know";
        if (dataset.Provenance is { } made && made.ModelFingerprint == model.Fingerprint
            && model.Tokenizer.IsSame(made.TokenizerFingerprint))
        {
            // Tested when the dataset was built: the facts of its examples are known by construction.
            (int known, int unknown) = (dataset.Counts.KnownFacts, dataset.Counts.UnknownFacts);
            return Counted("FactsKnown", model, 0, known + unknown, compares,
                $"The model answered {known} of {known + unknown} facts when the dataset was made; the other {unknown} are in no example.");
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
                : $"The model doesn't answer {missing} of {asked.Length} facts; unknown facts can't be patched.");
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
