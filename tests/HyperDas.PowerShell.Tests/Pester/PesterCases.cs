using Xunit;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>The tests of a run as test cases of xUnit.</summary>
internal static class PesterCases
{
    /// <summary>Every test with its file.</summary>
    /// <param name="files">What became of the files.</param>
    public static TheoryData<string, string> Of(IEnumerable<PesterFile> files)
    {
        TheoryData<string, string> cases = [];
        foreach (PesterFile file in files)
        {
            foreach (string test in file.Tests.Select(test => test.Name).Distinct())
            {
                cases.Add(file.Name, test);
            }
        }
        return cases;
    }

    /// <summary>Passes, fails or skips as the test did. What is skipped has a reason.</summary>
    public static void Check(PesterFile file, string test)
    {
        PesterResult result = file.Tests.First(t => t.Name == test);

        // Tags that are left out are the only tests that Pester knows and doesn't run.
        Skip.If(result.Result == "NotRun", $"has a tag that is left out: {string.Join(", ", PesterTags.Excluded)}");
        Skip.If(result.Result == "Skipped" && result.Message.Length > 0, result.Message);
        Assert.True(
            result.Result == "Passed", result.Message.Length > 0 ? result.Message : $"{result.Result}. {string.Join('\n', file.Errors)}");
    }
}
