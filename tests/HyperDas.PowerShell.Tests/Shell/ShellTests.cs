using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace HyperDas.PowerShell.Tests.Shell;

/// <summary>The hyperdas program as a user meets it: a process with arguments, streams and an exit code.</summary>
public sealed class ShellTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas shell ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_script_gets_its_arguments_and_its_own_folder()
    {
        string script = Script("param([int]$Count, [switch]$Loud)\n\"$Count $Loud $args $PSScriptRoot\"");

        Assert.Equal($"3 True rest {_folder}", ProgramRun.Shell(script, "-Count", "3", "rest", "-Loud").Lines.Single());
        Assert.Equal($"4 False  {_folder}", ProgramRun.Shell(script, "-Count:4", "-Loud:$false").Lines.Single());
    }

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("throw 'no'", 1)]
    [InlineData("NoSuchCommand; 'goes on'", 1)]
    [InlineData("try { throw 'no' } catch { 'handled' }", 0)]
    [InlineData("exit 7", 7)]
    public void The_exit_code_tells_how_a_script_ended(string content, int exitCode)
    {
        Assert.Equal(exitCode, ProgramRun.Shell(Script(content)).ExitCode);
    }

    [Fact]
    public void Errors_go_to_standard_error_in_plain_text_when_it_is_no_terminal()
    {
        ProgramRun run = ProgramRun.Shell("-Command", "'before'; throw 'no'");

        Assert.Equal("before", run.Lines.Single());
        Assert.Contains("no", run.Error);
        Assert.DoesNotContain('\u001b', run.Output + run.Error);
    }

    [Fact]
    public void Objects_are_shown_as_PowerShell_shows_them()
    {
        ProgramRun run = ProgramRun.Shell("-Command", "[pscustomobject]@{ First = 1; Second = 'x' }");

        Assert.Matches("First +Second", run.Output);
        Assert.Matches("1 +x", run.Output);
    }

    [Fact]
    public void A_script_can_come_through_standard_input()
    {
        ProgramRun run = ProgramRun.ShellWithInput("foreach ($i in 1..3) {\n  $i\n}\nexit 5\n");

        Assert.Equal(["1", "2", "3"], run.Lines);
        Assert.Equal(5, run.ExitCode);
    }

    [Fact]
    public void Help_says_what_the_program_is_for_and_what_it_lacks()
    {
        ProgramRun run = ProgramRun.Shell("-Help");

        Assert.Contains("for machines without pwsh", run.Output);
        Assert.Contains("Format-Table", run.Output);
        Assert.DoesNotContain("ForEach-Object", run.Output);
    }

    [Theory]
    [InlineData("-NoSuchOption")]
    [InlineData("no-such-script.ps1")]
    [InlineData("-Command")]
    public void A_wrong_call_says_so_in_one_line(string argument)
    {
        ProgramRun run = ProgramRun.Shell(argument);

        Assert.Equal(64, run.ExitCode);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [SkippableFact]
    public void An_interrupt_stops_the_pipeline_and_runs_finally()
    {
        Skip.If(OperatingSystem.IsWindows(), "sends a POSIX signal");
        string script = Script("[Console]::Out.WriteLine('ready')\ntry { while ($true) { [System.Threading.Thread]::Sleep(10) } } finally { [Console]::Out.WriteLine('tidied') }");
        using Process process = ProgramRun.Start(script);
        Assert.Equal("ready", process.StandardOutput.ReadLine());

        Assert.Equal(0, Kill(process.Id, Terminate));

        ProgramRun run = ProgramRun.Finish(process);
        Assert.Equal("tidied", run.Lines.Single());
        Assert.Equal(130, run.ExitCode);
    }

    // SIGTERM takes the same way through the program as Ctrl+C, and unlike SIGINT a background process can't inherit it as ignored.
    private const int Terminate = 15;

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int processId, int signal);

    private string Script(string content)
    {
        string path = Path.Combine(_folder, "script.ps1");
        File.WriteAllText(path, content);
        return path;
    }
}
