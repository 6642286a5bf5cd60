using Xunit;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>
/// Each file in its own process with the previous Pester: no file depends on another, nor on features of the current version.
/// </summary>
[Collection(Programs.FormerPester)]
[Trait("Lane", "Second")]
public sealed class FormerPesterTests
{
    public static TheoryData<string> Files => [.. PesterRun.FileNames];

    /// <summary>Every test with its file. Finding them runs them: not before they are asked for.</summary>
    public static TheoryData<string, string> Tests => PesterCases.Of(PesterRun.FileNames.Select(Alone));

    [SkippableTheory]
    [MemberData(nameof(Tests), DisableDiscoveryEnumeration = true)]
    public void It(string file, string test) => PesterCases.Check(Alone(file), test);

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_read_holds_tests_and_tidies_up(string file) => Alone(file).Check();

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_holds_the_tests_that_the_current_Pester_finds(string file) => Assert.Equal(
        PesterRun.Found(PesterRun.Current)[file].Tests.Select(test => test.Path), Alone(file).Tests.Select(test => test.Path));

    private static PesterFile Alone(string file) => PesterRun.Of(PesterRun.Former, file)[file];
}
