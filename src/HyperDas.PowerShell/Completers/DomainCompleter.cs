using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HyperDas.Completers;

/// <summary>Suggests the domains in the command's folder, or those of the benchmark.</summary>
internal sealed class DomainCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(RavelFolder.Domains(fakeBoundParameters), wordToComplete);
}
