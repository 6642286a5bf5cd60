using Xunit;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>
/// The files of tests/Pester, all in one process of pwsh with the current Pester. Every <c>It</c> is a test case here, so that
/// <c>dotnet test</c> counts and reports it.
/// </summary>
[Collection(Programs.Pester)]
public sealed class PesterTests
{
    public static TheoryData<string> Files => [.. PesterRun.FileNames];

    /// <summary>Every test with its file. Finding them runs them: not before they are asked for.</summary>
    public static TheoryData<string, string> Tests => PesterCases.Of(PesterRun.Of(PesterRun.Current).Files);

    [SkippableTheory]
    [MemberData(nameof(Tests), DisableDiscoveryEnumeration = true)]
    public void It(string file, string test) => PesterCases.Check(PesterRun.Of(PesterRun.Current)[file], test);

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_read_holds_tests_and_tidies_up(string file) => PesterRun.Of(PesterRun.Current)[file].Check();
}
