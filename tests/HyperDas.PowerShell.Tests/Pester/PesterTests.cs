using Xunit;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>Every <c>It</c> of tests/Pester is a test case here, so that <c>dotnet test</c> counts and reports it.</summary>
public class PesterTests
{
    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (string file in PesterFile.Names)
        {
            foreach (string test in PesterFile.Open(file).FindTests())
            {
                cases.Add(file, test);
            }
        }
        return cases;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void It(string file, string test)
    {
        PesterResult result = PesterFile.Open(file)[test];

        Skip.If(result.Result == "Skipped", result.Message);
        Assert.True(result.Result == "Passed", result.Message);
    }
}
