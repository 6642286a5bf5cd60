using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HyperDas.Completers;

/// <summary>Suggests devices. It doesn't query libtorch for the existing ones: completion must not load half a gigabyte.</summary>
internal sealed class DeviceCompleter : IArgumentCompleter
{
    private static readonly string[] s_devices = ["cpu", "cuda", "cuda:0", "cuda:1"];

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(s_devices, wordToComplete);
}
