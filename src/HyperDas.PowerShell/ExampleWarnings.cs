using System.Management.Automation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas;

/// <summary>Says before work begins which examples it leaves out.</summary>
internal static class ExampleWarnings
{
    /// <summary>Warns of examples that are longer than trainings and scores read, or have no label.</summary>
    /// <param name="cmdlet">The cmdlet that is to use them.</param>
    /// <param name="model">The target model, whose tokenizer decides.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="split">Which of them.</param>
    public static void WarnOfUnusable(this Cmdlet cmdlet, LanguageModel model, RavelDataset dataset, RavelSplit split)
    {
        IReadOnlyList<RavelExample> examples = dataset.Split(split);
        UnusableExamples unusable = new RavelCollator(model.Tokenizer).CountUnusable(examples);
        if (unusable.Total > 0)
        {
            cmdlet.WriteWarning($"{unusable}; {examples.Count - unusable.Total} of {examples.Count} are used.");
        }
    }
}
