using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HyperDas.Completers;

/// <summary>Suggests the domains whose files lie in the folder that -Path names.</summary>
internal sealed class DomainCompleter : IArgumentCompleter
{
    private const string Before = "ravel_", After = "_entity_attributes.json";

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (fakeBoundParameters["Path"] is not string path || FullPath(path) is not { } folder || !Directory.Exists(folder))
        {
            return [];
        }
        return Directory.EnumerateFiles(folder, Before + "*" + After)
            .Select(file => Path.GetFileName(file)[Before.Length..^After.Length])
            .Where(domain => domain.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Select(domain => new CompletionResult(domain));
    }

    // A relative path starts at the session's location, which isn't the process's.
    private static string? FullPath(string path)
    {
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddScript("$args[0] | ForEach-Object { $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($_) }").AddArgument(path)
            .Invoke<string>().FirstOrDefault();
    }
}
