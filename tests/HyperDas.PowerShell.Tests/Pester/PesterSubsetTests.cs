using Xunit;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>The runner itself: a test that must fail fails, and blocks see what Pester's blocks would see.</summary>
public sealed class PesterSubsetTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"hyperdas-{Guid.NewGuid():N}.Tests.ps1");

    public void Dispose()
    {
        _session.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public void A_wrong_expectation_fails_and_says_what_came_instead()
    {
        string[] results = Run("Describe 'D' { It 'is wrong' { 1 | Should -Be 2 } }");

        Assert.StartsWith("D > is wrong|Failed|Should -Be '2', but got: '1'", results.Single());
    }

    [Fact]
    public void Cases_become_variables_and_part_of_the_title()
    {
        string[] results = Run("Describe 'D' { It 'adds <A> to <B>' -ForEach @{ A = 1; B = 2 } { $A + $B | Should -Be 3 } }");

        Assert.Equal("D > adds 1 to 2|Passed|", results.Single());
    }

    [Fact]
    public void BeforeDiscovery_feeds_ForEach_and_BeforeAll_feeds_the_tests_below()
    {
        string[] results = Run(
            """
            BeforeDiscovery { $names = 'x', 'y' }
            Describe 'D <_>' -ForEach $names {
                BeforeAll { $outer = "outer $_" }
                Context 'C' {
                    BeforeEach { $each = "$outer each" }
                    It 'sees both' { $each | Should -BeExactly "outer $_ each" }
                }
            }
            """);

        Assert.Equal(["D x > C > sees both|Passed|", "D y > C > sees both|Passed|"], results);
    }

    [Fact]
    public void A_test_does_not_see_what_another_left_behind()
    {
        string[] results = Run("Describe 'D' { It 'one' { $leak = 1 }\n It 'two' { $leak | Should -BeNullOrEmpty } }");

        Assert.Equal(["D > one|Passed|", "D > two|Passed|"], results);
    }

    [Fact]
    public void A_failing_BeforeAll_fails_every_test_of_its_block()
    {
        string[] results = Run("Describe 'D' { BeforeAll { throw 'no' }\n It 'one' { }\n Context 'C' { It 'two' { } } }");

        Assert.All(results, r => Assert.Contains("|Failed|BeforeAll: no", r));
        Assert.Equal(2, results.Length);
    }

    [Fact]
    public void Skipped_tests_and_left_out_tags_are_reported()
    {
        string[] results = Run(
            "Describe 'D' { It 'one' -Skip { throw }\n It 'two' -Tag Slow { throw }\n It 'three' { Set-ItResult -Skipped -Because 'no gpu' } }");

        Assert.Equal(["D > one|Skipped|marked -Skip", "D > two|Skipped|tag Slow is left out", "D > three|Skipped|no gpu"], results);
    }

    [Theory]
    [InlineData("{ throw 'x' } | Should -Throw -ExpectedMessage 'x'", true)]
    [InlineData("{ throw 'x' } | Should -Throw -ErrorId 'y'", false)]
    [InlineData("{ 1 } | Should -Throw", false)]
    [InlineData("{ throw 'x' } | Should -Not -Throw", false)]
    [InlineData("1, 2, 3 | Should -HaveCount 3", true)]
    [InlineData("@() | Should -HaveCount 1", false)]
    [InlineData("$null | Should -BeNullOrEmpty", true)]
    [InlineData("0 | Should -BeNullOrEmpty", false)]
    [InlineData("'a', 'B' | Should -Be 'a', 'b'", true)]
    [InlineData("'a', 'B' | Should -BeExactly 'a', 'b'", false)]
    [InlineData("3 | Should -Not -BeGreaterThan 3", true)]
    [InlineData("'text' | Should -BeOfType [int]", false)]
    [InlineData("'text' | Should -Match '^t.*t$'", true)]
    [InlineData("'a', 'b' | Should -Contain 'c'", false)]
    public void Should_means_what_it_means_in_Pester(string assertion, bool holds)
    {
        string[] results = Run($"Describe 'D' {{ It 'claims' {{ {assertion} }} }}");

        Assert.Equal(holds ? "Passed" : "Failed", results.Single().Split('|')[1]);
    }

    private string[] Run(string content)
    {
        File.WriteAllText(_file, content);
        Outcome outcome = _session.Run(
            ". \"$($args[0])/Runner/PesterSubset.ps1\"\nInvoke-PesterTest $args[1] 'Slow' | ForEach-Object { \"$($_.Name)|$($_.Result)|$($_.Message)\" }",
            Repository.PesterFolder,
            _file);
        Assert.Empty(outcome.Errors);
        return [.. outcome.Lines];
    }
}
