using System.Reflection;

namespace HyperDas.Shell;

/// <summary>What the program says about itself.</summary>
internal static class About
{
    public static string Version =>
        typeof(About).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static string Banner(ShellSession session) =>
        $"""
        HyperDas {Version}, PowerShell {session.PowerShellVersion} embedded, for machines without pwsh.
        'Get-Command -Module HyperDas' lists the commands, 'Get-Help NAME -Examples' explains one, 'exit' ends.
        PowerShell's language and core commands are here; {session.MissingCommands.Count} built-in commands, such as Format-Table, aren't: hyperdas -Help.
        """;

    public static string Help(ShellSession session) =>
        $"""
        hyperdas {Version}: PowerShell {session.PowerShellVersion} with the HyperDas module loaded, for machines without pwsh.

        hyperdas SCRIPT.ps1 [ARGUMENTS]   runs a script; -File SCRIPT.ps1 is the same
        hyperdas -Command "TEXT"          runs a command
        hyperdas -                        runs the script that comes through standard input, as does a pipe without arguments
        hyperdas                          reads lines from the keyboard
        hyperdas -Help | -Version

        Exit code: the script's own 'exit N'; 1 when an error wasn't handled; 130 when stopped by Ctrl+C.
        Progress bars appear on a terminal only. NO_COLOR=1 switches colours off.

        Where PowerShell 7.6 is installed, use it instead:  Import-Module {session.ModulePath}
        This program holds PowerShell's engine: the language, the module's commands and the commands of
        Microsoft.PowerShell.Core. It doesn't hold the modules Microsoft.PowerShell.Utility, .Management and .Security.
        Among the commands that are missing:
        {Columns(session.MissingCommands)}
        Scripts for both use .NET instead, e.g. [System.IO.File]::WriteAllText(path, text).
        """;

    private static string Columns(IReadOnlyList<string> names)
    {
        const int PerLine = 4;
        IEnumerable<string> lines = names.Chunk(PerLine).Select(c => "  " + string.Concat(c.Select(n => n.PadRight(26))).TrimEnd());
        return string.Join(Environment.NewLine, lines);
    }
}
