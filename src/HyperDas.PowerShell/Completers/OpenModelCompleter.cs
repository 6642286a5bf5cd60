using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperDas.Pump;

namespace HyperDas.Completers;

/// <summary>Suggests the names of open models and interpreters.</summary>
internal sealed class OpenModelCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string prefix = wordToComplete.Trim('\'', '"');
        return OpenHandles.List()
            .Select(open => open.Name)
            .Distinct()
            .Where(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionResult(
                $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'", name, CompletionResultType.ParameterValue, name));
    }
}
