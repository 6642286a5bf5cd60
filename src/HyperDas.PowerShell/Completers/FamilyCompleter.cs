using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperDas.Engine.Training.Pretraining;

namespace HyperDas.Completers;

/// <summary>Suggests the families of models that can be trained from scratch.</summary>
internal sealed class FamilyCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(Pretrainer.Families, wordToComplete);
}
