using Xunit;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>Each file of tests/Pester in a process of its own: none leans on what another left behind.</summary>
[Trait("Lane", "Second")]
public sealed class LonePesterTests
{
    public static TheoryData<string> Files => [.. PesterRun.FileNames];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_passes_alone_and_holds_the_same_tests_as_the_former_Pester_found_among_the_others(string file)
    {
        PesterFile alone = PesterRun.Of(PesterRun.Current, file)[file];

        alone.Check();
        Assert.Empty(alone.Tests.Where(test => test.Result == "Failed").Select(test => $"{test.Name}: {test.Message}"));
        Assert.Equal(PesterRun.Of(PesterRun.Former)[file].Tests.Select(test => test.Name), alone.Tests.Select(test => test.Name));
    }
}
