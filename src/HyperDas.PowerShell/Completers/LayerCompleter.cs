using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HyperDas.Completers;

/// <summary>Suggests the intervention layers that the model in -Model, or in the variable before the pipe, has.</summary>
internal sealed class LayerCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (PipedInput.Of(fakeBoundParameters, "Model", commandAst).FirstOrDefault() is not ModelHandle model)
        {
            return [];
        }
        return Completion.Of(
            Enumerable.Range(0, model.BlockCount + 1).Select(layer => layer.ToString(CultureInfo.InvariantCulture)),
            wordToComplete,
            layer => layer == "0" ? "embeddings" : $"output of block {layer} of {model.BlockCount}");
    }
}
