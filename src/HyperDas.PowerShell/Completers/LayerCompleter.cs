using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperDas.Transforms;

namespace HyperDas.Completers;

/// <summary>Suggests the intervention layers of the model in -Model, or in the variable before the pipe.</summary>
internal sealed class LayerCompleter : IArgumentCompleter
{
    private const string Word = nameof(LayerTransformAttribute.Auto), Found = "found before the training";

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (PipedInput.Of(fakeBoundParameters, "Model", commandAst).FirstOrDefault() is not ModelHandle model)
        {
            return Completion.Of(Auto(commandName), wordToComplete, _ => Found);
        }
        return Completion.Of(
            Enumerable.Range(0, model.BlockCount + 1).Select(layer => layer.ToString(CultureInfo.InvariantCulture))
                .Concat(Auto(commandName)),
            wordToComplete,
            layer => layer == "0" ? "embeddings" : layer == Word ? Found : $"output of block {layer} of {model.BlockCount}");
    }

    private static string[] Auto(string command) =>
        command.Equals("Start-HyperDasTraining", StringComparison.OrdinalIgnoreCase) ? [Word] : [];
}
