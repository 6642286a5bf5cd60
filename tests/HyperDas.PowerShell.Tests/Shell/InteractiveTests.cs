using System.Diagnostics;
using System.Text;
using Xunit;

namespace HyperDas.PowerShell.Tests.Shell;

/// <summary>
/// The hyperdas program at a terminal, which <c>script</c> of util-linux pretends to be: pwsh's own line editing, and the module.
/// </summary>
[Collection(Programs.Shell)]
public sealed class InteractiveTests : IDisposable
{
    private const string Terminal = "/usr/bin/script", ControlC = "\u0003", Enter = "\r";

    // A query for the cursor position, and the answer of a terminal.
    private const string WhereIsTheCursor = "\u001b[6n", InTheFirstColumn = "\u001b[5;1R";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas interactive ").FullName;
    private Process? _process;

    // While a line is edited, parts of it are redrawn repeatedly, but the whole line only once.
    private string Prompt => $"PS {_folder}> ";

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
        }
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public void Lines_are_edited_and_answered_blocks_may_span_lines_and_exit_gives_the_code()
    {
        Start();

        Assert.Matches("HyperDas [0-9.]+ in PowerShell 7", ReadUntil(Prompt));
        Assert.Contains("three 3", Type("\"three $(1 + 2)\""));
        Assert.Contains(
            "PSReadLine and HyperDas", Type("((Get-Module PSReadLine, HyperDas).Name | Sort-Object -Descending) -join ' and '"));
        Assert.Contains("Import-HyperDasModel and no other", Type("\"$((Get-Command Import-HyperDasModel).Name) and no other\""));
        _process!.StandardInput.Write("foreach ($i in 1..2) {" + Enter);
        ReadUntil(">> ");
        Assert.Contains("number 2", Type("\"number $i\" }"));
        Assert.Equal(7, Exit(7));
    }

    [SkippableFact]
    public void Control_C_stops_what_runs_leaves_the_shell_alive_and_is_no_part_of_its_exit_code()
    {
        Start();
        ReadUntil(Prompt);
        _process!.StandardInput.Write("[Console]::WriteLine('run' + 'ning'); while ($true) { Start-Sleep -Milliseconds 10 }" + Enter);
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
        _process = Process.Start(new ProcessStartInfo(Terminal,
            ["-qec", $"stty cols 100 rows 30; exec env --default-signal=INT dotnet '{Repository.ShellProgram}' -NoProfile", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _folder,
            // The user's history is neither suggested nor changed.
            Environment = { ["XDG_DATA_HOME"] = _folder, ["TERM"] = "xterm" },
        })!;
        _process.StandardInput.AutoFlush = true;
    }

    /// <summary>Types a line and returns what came until the next prompt.</summary>
    private string Type(string line)
    {
        _process!.StandardInput.Write(line + Enter);
        return ReadUntil(Prompt);
    }

    private int Exit(int code)
    {
        _process!.StandardInput.Write($"exit {code}{Enter}");
        ReadUntil(null);
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>What comes until a mark, or until the end where there is none.</summary>
    private string ReadUntil(string? mark)
    {
        StringBuilder seen = new();
        char[] one = new char[1];
        using CancellationTokenSource patience = new(s_patience);
        while (mark is null || !seen.ToString().EndsWith(mark, StringComparison.Ordinal))
        {
            if (_process!.StandardOutput.ReadAsync(one, patience.Token).AsTask().GetAwaiter().GetResult() == 0)
            {
                Assert.True(mark is null, $"the shell ended; it said: {seen}");
                break;
            }
            seen.Append(one[0]);
            if (seen.ToString().EndsWith(WhereIsTheCursor, StringComparison.Ordinal))
            {
                _process.StandardInput.Write(InTheFirstColumn);
            }
        }
        return seen.ToString();
    }
}
