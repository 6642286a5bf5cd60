using System.Management.Automation.Runspaces;

namespace HyperDas.Shell;

/// <summary>
/// Which well-known commands the bare engine lacks. The engine ships aliases for all of PowerShell (<c>ft</c> for Format-Table):
/// an alias whose target doesn't exist names a missing command.
/// </summary>
internal static class MissingCommands
{
    public static IReadOnlyList<string> Of(InitialSessionState state)
    {
        HashSet<string> present = state.Commands
            .Where(c => c is SessionStateCmdletEntry or SessionStateFunctionEntry)
            .Select(c => c.Name)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. state.Commands.OfType<SessionStateAliasEntry>()
                .Select(a => a.Definition)
                .Where(d => !present.Contains(d))
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Order(StringComparer.OrdinalIgnoreCase),
        ];
    }
}
