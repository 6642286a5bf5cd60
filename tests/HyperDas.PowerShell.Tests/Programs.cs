namespace HyperDas.PowerShell.Tests;

/// <summary>
/// Collections of tests that only start programs and check their output. As many collections as there are processors run in parallel,
/// beside the tests that work in this process.
/// </summary>
internal static class Programs
{
    /// <summary>The files of tests/Pester under the Pester of today.</summary>
    public const string Pester = "Pester";

    /// <summary>The same files under the Pester before.</summary>
    public const string FormerPester = "Former Pester";

    /// <summary>The examples of the help pages.</summary>
    public const string HelpExamples = "Help examples";

    /// <summary>The scripts and programs of examples/.</summary>
    public const string Examples = "Examples";

    /// <summary>Trainings that are killed, stopped, or lack room.</summary>
    public const string Kills = "Kills";

    /// <summary>The program <c>hyperdas</c>, packages and builds.</summary>
    public const string Shell = "Shell";

    /// <summary>Those that take longest first, so that none is left alone at the end.</summary>
    public static readonly string[] LongestFirst = [FormerPester, HelpExamples, Pester, Kills, Examples, Shell];
}
