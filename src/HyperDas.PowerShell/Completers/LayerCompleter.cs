using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HyperDas.Completers;

/// <summary>Suggests the intervention layers that the model in -Model has.</summary>
internal sealed class LayerCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (PSObject.AsPSObject(fakeBoundParameters["Model"] ?? "").BaseObject is not ModelHandle model)
        {
            return [];
        }
        return Enumerable.Range(0, model.BlockCount + 1)
            .Select(layer => (Layer: layer, Text: layer.ToString(CultureInfo.InvariantCulture)))
            .Where(l => l.Text.StartsWith(wordToComplete, StringComparison.Ordinal))
            .Select(l => new CompletionResult(
                l.Text, l.Text, CompletionResultType.ParameterValue, l.Layer == 0 ? "embeddings" : $"output of block {l.Layer} of {model.BlockCount}"));
    }
}
