using Xunit;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>The runs themselves: what must fail fails, wherever it goes wrong.</summary>
[Collection(Programs.Pester)]
public sealed class PesterRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas pester ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_goes_wrong_outside_of_the_tests_is_an_error_of_the_file()
    {
        Write("Discovery", "Describe 'D' { It 'is never found' { } ; throw 'at discovery' }");
        Write("Syntax", "Describe 'D' {");
        Write("Setup", "Describe 'D' { BeforeAll { throw 'in BeforeAll' }; It 'cannot run' { } }");
        Write("Teardown", "Describe 'D' { AfterAll { throw 'in AfterAll' }; It 'passes' { } }");
        Write("Empty", "Describe 'D' { foreach ($case in @()) { It 'has no case' { } } }");
        Write("Sound",
            "Describe 'D' { It 'passes' { 1 | Should -Be 1 }; It 'fails' { 1 | Should -Be 2 }; It 'waits' { Set-ItResult -Skipped -Because 'of a reason' } }");

        PesterRun run = PesterRun.Of(PesterRun.Current, _folder);

        foreach ((string name, string message) in new[]
        {
            ("Discovery", "at discovery"), ("Syntax", "Missing closing"), ("Setup", "in BeforeAll"), ("Teardown", "in AfterAll")
        })
        {
            Assert.Contains(run[name + ".Tests.ps1"].Errors, error => error.Contains(message, StringComparison.Ordinal));
        }
        Assert.Empty(run["Empty.Tests.ps1"].Tests);
        Assert.ThrowsAny<Exception>(run["Empty.Tests.ps1"].Check);
        run["Sound.Tests.ps1"].Check();
        Assert.Equal(["Passed", "Failed", "Skipped"], run["Sound.Tests.ps1"].Tests.Select(test => test.Result));
        Assert.Contains("Expected 2, but got 1", run["Sound.Tests.ps1"].Tests[1].Message, StringComparison.Ordinal);
        Assert.Contains("of a reason", run["Sound.Tests.ps1"].Tests[2].Message, StringComparison.Ordinal);
        Assert.Equal("Failed", run["Setup.Tests.ps1"].Tests.Single().Result);
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name + ".Tests.ps1"), content);
}
