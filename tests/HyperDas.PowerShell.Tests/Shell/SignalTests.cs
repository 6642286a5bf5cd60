using System.Diagnostics;
using Xunit;

namespace HyperDas.PowerShell.Tests.Shell;

/// <summary>Signals to the hyperdas program while it runs a script.</summary>
[Collection(Programs.Shell)]
public sealed class SignalTests : IDisposable
{
    private const string Endless =
        "[Console]::Out.WriteLine('ready')\ntry { while ($true) { Start-Sleep -Milliseconds 20 } } finally { [Console]::Out.WriteLine('tidied') }";

    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas signals ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [InlineData("-File")]
    [InlineData("-Command")]
    [InlineData("-NoProfile", "-ExecutionPolicy", "RemoteSigned", "-File")]
    public void Control_C_stops_the_pipeline_runs_finally_and_ends_with_130(params string[] options)
    {
        ProgramRun run = Send(Signals.Interrupt, Endless, options);

        Assert.Equal("tidied", run.Lines.Single());
        Assert.Equal(130, run.ExitCode);
    }

    [SkippableFact]
    public void An_exit_code_that_a_script_chooses_after_Control_C_stays()
    {
        string script = Endless.Replace("[Console]::Out.WriteLine('tidied')", "exit 9", StringComparison.Ordinal);

        Assert.Equal(9, Send(Signals.Interrupt, script, "-File").ExitCode);
    }

    [SkippableTheory]
    [InlineData(Signals.Terminate, 143)]
    [InlineData(Signals.Hangup, 129)]
    public void Other_signals_end_the_program_with_codes_of_their_own(int signal, int exitCode) =>
        Assert.Equal(exitCode, Send(signal, Endless, "-File").ExitCode);

    private ProgramRun Send(int signal, string script, params string[] options)
    {
        string path = Path.Combine(_folder, "script.ps1");
        File.WriteAllText(path, script);
        string last = options[^1] == "-Command" ? $"& '{path}'" : path;
        (string program, string[] arguments) = Signals.Taking("dotnet", [Repository.ShellProgram, .. options, last]);
        using Process process = Process.Start(ProgramRun.Redirected(program, arguments))!;
        Assert.Equal("ready", process.StandardOutput.ReadLine());

        Signals.Send(process, signal);

        return ProgramRun.Finish(process);
    }
}
