using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Runtime.CompilerServices;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Handles;

namespace HyperDas.Completers;

/// <summary>
/// Suggests the concepts on which the interpreter in -Interpreter, or in the variable before the pipe, was trained: one description of
/// each, or all that begin with the typed text.
/// </summary>
internal sealed class ConceptCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        object? given = PipedInput.Of(fakeBoundParameters, "Interpreter", commandAst).FirstOrDefault();
        return given is InterpreterHandle or TrainingResult or OpenHandle
            && HandleArgument.Interpreter(given) is PipedInterpreter interpreter
            ? Of(interpreter, wordToComplete) : [];
    }

    // A separate method, which loads the engine only if there is an interpreter.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static CompletionResult[] Of(PipedInterpreter handle, string word)
    {
        Interpreter interpreter = handle.Engine;
        if (interpreter.LearnedConcepts is { } learned)
        {
            return [.. Completion.Of(learned.Select(concept => concept.ToString()), word)];
        }
        Dictionary<string, ConceptKey> about = new(StringComparer.OrdinalIgnoreCase);
        foreach (ConceptKey concept in interpreter.Known?.Concepts ?? [])
        {
            IReadOnlyList<string> texts = interpreter.Known!.Descriptions(concept);
            foreach (string text in Completion.Typed(word).Length == 0 ? texts.Take(1) : texts)
            {
                about.TryAdd(text, concept);
            }
        }
        return [.. Completion.Of(about.Keys, word, text => $"{about[text].Attribute} of {about[text].Domain}")];
    }
}
