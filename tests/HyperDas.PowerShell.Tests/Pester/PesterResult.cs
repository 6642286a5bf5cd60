using Xunit;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>What became of one <c>It</c>.</summary>
/// <param name="Name">Names of the blocks and the test, joined by dots.</param>
/// <param name="Path">The same as written: where a name has values of the test's case, with their places.</param>
/// <param name="Result">Passed, Failed, Skipped or NotRun.</param>
/// <param name="Message">Why, unless it passed; empty where Pester gives no reason.</param>
internal sealed record PesterResult(string Name, string Path, string Result, string Message);

/// <summary>What became of one file.</summary>
/// <param name="Name">The file's name without its folder.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Errors">What went wrong outside of its tests: at discovery, in BeforeAll or AfterAll, in tidying up.</param>
/// <param name="Tests">Its tests, in order.</param>
internal sealed record PesterFile(string Name, double Seconds, IReadOnlyList<string> Errors, IReadOnlyList<PesterResult> Tests)
{
    /// <summary>
    /// Whether the result is valid: the file was read, its tests have different names, and nothing outside the tests failed.
    /// </summary>
    public void Check()
    {
        Assert.Empty(Errors);
        Assert.NotEmpty(Tests);
        // The names of tests that are left out are templates still.
        Assert.Empty(Tests.Where(test => test.Result != "NotRun").GroupBy(test => test.Name).Where(same => same.Count() > 1)
            .Select(same => same.Key));
    }
}
