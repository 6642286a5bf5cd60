using Xunit;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>The same files under the Pester before, in one process.</summary>
[Trait("Lane", "Second")]
public sealed class FormerPesterTests
{
    public static TheoryData<string> Files => [.. PesterRun.FileNames];

    /// <summary>Every test with its file. Finding them runs them: not before they are asked for.</summary>
    public static TheoryData<string, string> Tests => PesterCases.Of(PesterRun.Former);

    [SkippableTheory]
    [MemberData(nameof(Tests), DisableDiscoveryEnumeration = true)]
    public void It(string file, string test) => PesterCases.Check(PesterRun.Former, file, test);

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_read_holds_tests_and_tidies_up(string file) => PesterRun.Of(PesterRun.Former)[file].Check();
}
