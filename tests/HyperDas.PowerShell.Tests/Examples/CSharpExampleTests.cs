using Xunit;

namespace HyperDas.PowerShell.Tests.Examples;

/// <summary>The engine without PowerShell: examples/csharp, which is built with the tests.</summary>
[Collection(Programs.Examples)]
public sealed class CSharpExampleTests
{
    [Fact]
    [Trait("Lane", "Second")]
    public void A_program_makes_a_dataset_trains_intervenes_and_scores()
    {
        string program = Path.Combine(
            Repository.Root, "examples", "csharp", "bin", Repository.Configuration, "net10.0", "HyperDas.Example.dll");

        ProgramRun run = ProgramRun.In(Repository.Root, [program, Path.Combine(Repository.Root, "examples"), "2"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(run.Lines, line => line.StartsWith("2 steps, loss ", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.StartsWith("Vienna is in: ", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.StartsWith("Country: cause ", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Lane", "Second")]
    public void An_error_is_one_line_and_an_exit_code()
    {
        string program = Path.Combine(
            Repository.Root, "examples", "csharp", "bin", Repository.Configuration, "net10.0", "HyperDas.Example.dll");

        ProgramRun run = ProgramRun.In(Repository.Root, [program, "nowhere"]);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("PathNotFound: ", run.Error, StringComparison.Ordinal);
    }
}
