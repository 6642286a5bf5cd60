using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Runtime.CompilerServices;
using HyperDas.Engine.Experiments;

namespace HyperDas.Completers;

/// <summary>Completes the keys of experiments: <c>tr</c> → <c>training.epochs=</c>, with the key's description.</summary>
internal sealed class SettingCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Keys().Where(k => k.Key.StartsWith(Completion.Typed(wordToComplete), StringComparison.OrdinalIgnoreCase))
            .Select(k => new CompletionResult(
                Completion.Quote(wordToComplete) + k.Key + "=", k.Key, CompletionResultType.ParameterValue, k.Value));

    // A separate method, which loads the engine only when a key is completed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IReadOnlyDictionary<string, string> Keys() => ExperimentKeys.All;
}
