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

    [Fact]
    public void Two_versions_of_Pester_find_the_same_tests()
    {
        Assert.StartsWith(PesterRun.Former, PesterRun.Of(PesterRun.Former).Pester, StringComparison.Ordinal);
        Assert.StartsWith(PesterRun.Current, PesterRun.Of(PesterRun.Current).Pester, StringComparison.Ordinal);
        Assert.Equal(Names(PesterRun.Current), Names(PesterRun.Former));
    }

    private static IEnumerable<string> Names(string version) =>
        PesterRun.Of(version).Files.OrderBy(file => file.Name, StringComparer.Ordinal).SelectMany(file => file.Tests.Select(test => $"{file.Name}: {test.Name}"));
}
