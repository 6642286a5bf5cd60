using System.Management.Automation;
using System.Reflection;

namespace HyperDas.Shell;

/// <summary>What the program says about itself.</summary>
internal static class About
{
    public static string Banner =>
        $"""
        HyperDas {VersionOf(typeof(About))} in PowerShell {VersionOf(typeof(PSObject))}
        'Get-Command -Module HyperDas' lists the commands, 'Get-Help NAME -Examples' explains one, 'exit' ends.
        """;

    public static string Help(string manifest) =>
        $"""
        hyperdas: PowerShell {VersionOf(typeof(PSObject))} with the HyperDas module {VersionOf(typeof(About))} loaded, for machines without pwsh.

        hyperdas SCRIPT.ps1 [ARGUMENTS]   runs a script; -File SCRIPT.ps1 is the same
        hyperdas -Command "TEXT"          runs a command
        hyperdas -                        runs the script that comes through standard input, as does a pipe without arguments
        hyperdas                          reads lines from the keyboard

        The other options are pwsh's, and follow. So are the exit codes, but for one: a script or command that Ctrl+C stopped ends with 130.

        In a pwsh of your own:  Import-Module '{manifest}'
        """;

    private static string VersionOf(Type type)
    {
        string version = type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        // PowerShell's goes on: "7.6.9 SHA: ...".
        return version.Split(' ', '+')[0];
    }
}
