using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperDas.Engine.Backends;

namespace HyperDas.Completers;

/// <summary>Suggests the platforms for which libtorch is available.</summary>
internal sealed class PlatformCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(BackendSet.Known.Select(set => set.RuntimeIdentifier), wordToComplete);
}
