using System.Management.Automation;
using System.Reflection;

namespace HyperDas.Shell;

/// <summary>Version and help texts of the program.</summary>
internal static class About
{
    public static string Banner =>
        $"""
        HyperDas {VersionOf(typeof(About))} in PowerShell {VersionOf(typeof(PSObject))}
        'Get-Command -Module HyperDas' lists the commands, 'Get-Help NAME -Examples' shows how to use one, 'exit' ends the session.
        """;

    public static string Help(string manifest) =>
        $"""
        hyperdas: PowerShell {VersionOf(typeof(PSObject))} with the HyperDas module {VersionOf(typeof(About))} loaded, for machines without pwsh.

        hyperdas SCRIPT.ps1 [ARGUMENTS]   runs a script; -File SCRIPT.ps1 is the same
        hyperdas -Command "TEXT"          runs a command
        hyperdas -                        runs the script from standard input; a pipe without arguments does the same
        hyperdas                          reads lines from the keyboard

        Exit codes are pwsh's, except 130 for a script or command that Ctrl+C stopped. pwsh's own options follow.

        In your own pwsh session:  Import-Module '{manifest}'
        """;

    private static string VersionOf(Type type)
    {
        string version = type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        // PowerShell's version has a suffix: "7.6.9 SHA: ...".
        return version.Split(' ', '+')[0];
    }
}
