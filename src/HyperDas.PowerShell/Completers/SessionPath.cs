using System.Management.Automation;

namespace HyperDas.Completers;

/// <summary>Paths as the session that a command is typed in reads them.</summary>
internal static class SessionPath
{
    /// <summary>Absolute paths of what a path stands for; none where it stands for nothing.</summary>
    /// <param name="path">As it was typed. A relative one starts at the session's location, which isn't the process's.</param>
    /// <param name="literal">Whether it has no wildcards; then it needn't exist.</param>
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
