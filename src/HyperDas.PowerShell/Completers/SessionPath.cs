using System.Management.Automation;

namespace HyperDas.Completers;

/// <summary>Resolves paths in the session of the command line.</summary>
internal static class SessionPath
{
    /// <summary>Absolute paths that match a path; none if nothing does.</summary>
    /// <param name="path">The typed path. A relative one is relative to the session's location, which isn't the process's.</param>
    /// <param name="literal">Whether it is literal; then it may be missing.</param>
    public static IEnumerable<string> Full(string path, bool literal)
    {
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddScript(
            """
            param($path, $literal)
            $paths = $ExecutionContext.SessionState.Path
            try {
                if (-not $literal -and [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($path)) {
                    $provider = $null
                    $paths.GetResolvedProviderPathFromPSPath($path, [ref] $provider)
                }
                else { $paths.GetUnresolvedProviderPathFromPSPath($path) }
            }
            catch { }
            """);
        return [.. shell.AddArgument(path).AddArgument(literal).Invoke<string>()];
    }
}
