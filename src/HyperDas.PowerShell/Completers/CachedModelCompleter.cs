using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperDas.Engine.Checkpoints;

namespace HyperDas.Completers;

/// <summary>Suggests files and folders, and models in Hugging Face's cache by ID, <c>org/name</c> or <c>name</c>.</summary>
internal sealed class CachedModelCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = Completion.Typed(wordToComplete);
        return
        [
            .. CompletionCompleters.CompleteFilename(wordToComplete),
            .. HubCache.OfEnvironment().Models().Where(model => IsMeant(model.Id, word))
                .Select(model => Result(model.Id, model.Folder, wordToComplete)),
        ];
    }

    private static bool IsMeant(string id, string word) =>
        id.StartsWith(word, StringComparison.OrdinalIgnoreCase)
            || id[(id.IndexOf('/') + 1)..].StartsWith(word, StringComparison.OrdinalIgnoreCase);

    // When the command runs, an existing folder of that name takes precedence.
    private static CompletionResult Result(string id, string folder, string typed) =>
        new(Completion.Quoted(SessionPath.Full(id, literal: true).Any(Path.Exists) ? folder : id, typed), id,
            CompletionResultType.ParameterValue, $"{id}, in Hugging Face's cache: {folder}");
}
