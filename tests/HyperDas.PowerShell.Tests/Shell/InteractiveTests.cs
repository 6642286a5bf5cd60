using System.Diagnostics;
using System.Text;
using Xunit;

namespace HyperDas.PowerShell.Tests.Shell;

/// <summary>The hyperdas program at a terminal, which <c>script</c> of util-linux pretends to be.</summary>
public sealed class InteractiveTests : IDisposable
{
    private const string Terminal = "/usr/bin/script", Prompt = "HyperDas> ", ControlC = "\u0003";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private Process? _process;

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
        }
        _process?.Dispose();
    }

    [SkippableFact]
    public void Lines_are_answered_blocks_may_span_lines_and_exit_gives_the_code()
    {
        Start();

        Assert.Contains("for machines without pwsh", ReadUntil(Prompt));
        Assert.Contains("three 3", Type("\"three $(1 + 2)\""));
        _process!.StandardInput.Write("foreach ($i in 1..2) {\n");
        ReadUntil(">> ");
        Assert.Contains("number 2", Type("\"number $i\" }"));
        Assert.Equal(7, Exit(7));
    }

    [SkippableFact]
    public void Control_C_stops_what_runs_and_leaves_the_shell_alive()
    {
        Start();
        ReadUntil(Prompt);
        _process!.StandardInput.Write("[Console]::WriteLine('run' + 'ning'); while ($true) { [System.Threading.Thread]::Sleep(10) }\n");
        ReadUntil("running");

        _process.StandardInput.Write(ControlC);

        ReadUntil(Prompt);
        Assert.Contains("still here", Type("'still' + ' here'"));
        Assert.Equal(0, Exit(0));
    }

    private void Start()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && File.Exists(Terminal), $"needs {Terminal}");
        // exec: a shell that stayed between (dash does, bash doesn't) would die of the Control+C too and hide the program's exit code.
        // --default-signal: who starts the tests in the background makes all that they start ignore the key.
        _process = Process.Start(new ProcessStartInfo(Terminal, ["-qec", $"exec env --default-signal=INT dotnet '{Repository.ShellProgram}'", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _process.StandardInput.AutoFlush = true;
    }

    /// <summary>Types a line and returns what came until the next prompt.</summary>
    private string Type(string line)
    {
        _process!.StandardInput.Write(line + "\n");
        return ReadUntil(Prompt);
    }

    private int Exit(int code)
    {
        _process!.StandardInput.Write($"exit {code}\n");
        Assert.True(_process.WaitForExit(s_patience), "the shell doesn't end");
        return _process.ExitCode;
    }

    private string ReadUntil(string mark)
    {
        StringBuilder seen = new();
        char[] one = new char[1];
        using CancellationTokenSource patience = new(s_patience);
        while (!seen.ToString().EndsWith(mark, StringComparison.Ordinal))
        {
            int read = _process!.StandardOutput.ReadAsync(one, patience.Token).AsTask().GetAwaiter().GetResult();
            Assert.True(read == 1, $"the shell ended; it said: {seen}");
            seen.Append(one[0]);
        }
        return seen.ToString();
    }
}
