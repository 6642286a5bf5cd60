using System.Diagnostics;
using Xunit;

namespace HyperDas.PowerShell.Tests.Examples;

/// <summary>What a scheduler learns of a nightly training that it interrupts.</summary>
[Collection(Programs.Examples)]
[Trait("Lane", "Second")]
public sealed class InterruptedNightlyTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas interrupted ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [InlineData(false, Signals.Interrupt, 130)]
    [InlineData(true, Signals.Terminate, 143)]
    public void An_interrupted_training_has_an_exit_code_of_its_own_and_goes_on_afterwards(bool inPwsh, int signal, int exitCode)
    {
        string script = Path.Combine(Repository.Root, "examples", "Train-Nightly.ps1"),
            metrics = Path.Combine(_folder, "interpreter", "metrics.jsonl");
        string[] arguments = ["-OutputPath", _folder, "-Domain", "verb", "-MaxSteps", "60"];
        string[] host = inPwsh ? [Repository.Download("pwsh"), "-NoProfile", "-NonInteractive", "-File"] : [Repository.ShellProgram];
        (string program, string[] commandLine) = Signals.Taking("dotnet", [.. host, script, .. arguments]);
        using Process process = Process.Start(ProgramRun.Redirected(program, commandLine))!;
        Stopwatch clock = Stopwatch.StartNew();
        while (!(File.Exists(metrics) && new FileInfo(metrics).Length > 0) && !process.HasExited && clock.Elapsed < s_patience)
        {
            Thread.Sleep(20);
        }
        Assert.False(process.HasExited, "the training ended before it could be interrupted");

        Signals.Send(process, signal);

        Assert.Equal(exitCode, ProgramRun.Finish(process).ExitCode);
        Assert.True(File.Exists(Path.Combine(_folder, "state", "state.safetensors")));
        Assert.False(File.Exists(Path.Combine(_folder, "scores.json")));
        Assert.Equal(0, ProgramRun.Shell([script, .. arguments]).ExitCode);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_told_before_anything_is_computed()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        ProgramRun run = ProgramRun.Shell(Path.Combine(Repository.Root, "examples", "Train-Nightly.ps1"), "-OutputPath",
            Path.Combine(file, "run"), "-Domain", "no such domain");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(file, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("no such domain", run.Error, StringComparison.Ordinal);
    }
}
