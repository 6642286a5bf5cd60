using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas;

/// <summary>Tells before work begins which examples it leaves out.</summary>
internal static class ExampleWarnings
{
    /// <summary>What to warn of: examples that are longer than trainings and scores read, or have no label.</summary>
    /// <param name="model">The target model, whose tokenizer decides.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="split">Which of them.</param>
    /// <param name="cancellation">Checked at every example: each is tokenised.</param>
    /// <returns>A sentence; null when all examples can be used.</returns>
    public static string? OfUnusable(LanguageModel model, RavelDataset dataset, RavelSplit split, CancellationToken cancellation)
    {
        IReadOnlyList<RavelExample> examples = dataset.Split(split);
        UnusableExamples unusable = new RavelCollator(model.Tokenizer).CountUnusable(examples, cancellation);
        return unusable.Total > 0 ? $"{unusable}; {examples.Count - unusable.Total} of {examples.Count} are used." : null;
    }
}
