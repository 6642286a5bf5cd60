using System.Diagnostics;
using Xunit;

namespace HyperDas.PowerShell.Tests.Shell;

/// <summary>
/// The hyperdas program as a user meets it: a process with arguments, streams and an exit code. It is pwsh's own host, with the module.
/// </summary>
[Collection(Programs.Shell)]
public sealed class ShellTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas shell ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_script_gets_its_arguments_and_its_own_folder()
    {
        string script = Script("param([int]$Count, [switch]$Loud)\n\"$Count $Loud $args $PSScriptRoot\"");

        Assert.Equal($"3 True rest {_folder}", ProgramRun.Shell(script, "-Count", "3", "rest", "-Loud").Lines.Single());
        Assert.Equal($"4 False  {_folder}", ProgramRun.Shell("-NoProfile", "-File", script, "-Count:4", "-Loud:$false").Lines.Single());
    }

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("throw 'no'", 1)]
    [InlineData("NoSuchCommand; 'goes on'", 0)]
    [InlineData("try { throw 'no' } catch { 'handled' }", 0)]
    [InlineData("exit 7", 7)]
    public void The_exit_code_tells_how_a_script_ended_as_pwsh_does(string content, int exitCode)
    {
        Assert.Equal(exitCode, ProgramRun.Shell(Script(content)).ExitCode);
    }

    [Fact]
    public void A_command_that_ends_with_an_error_ends_with_one() =>
        Assert.Equal(1, ProgramRun.Shell("-Command", "'goes on'; NoSuchCommand").ExitCode);

    // Slurm's copy of a batch script has no file extension.
    [SkippableFact]
    public void A_script_needs_no_ending()
    {
        Skip.If(OperatingSystem.IsWindows(), "pwsh wants .ps1 there");
        string script = Script("#!/usr/bin/env pwsh\nparam($Index)\n\"task $Index\"\nexit 3", "slurm_script");

        ProgramRun run = ProgramRun.Shell(script, "-Index", "2");

        Assert.Equal("task 2", run.Lines.Single());
        Assert.Equal(3, run.ExitCode);
    }

    [Fact]
    public void Errors_go_to_standard_error_in_plain_text_when_it_is_no_terminal()
    {
        ProgramRun run = ProgramRun.Shell("-Command", "'before'; throw 'no'");

        Assert.Equal("before", run.Lines.Single());
        Assert.Contains("no", run.Error);
        Assert.DoesNotContain('\u001b', run.Output + run.Error);
    }

    [Theory]
    [InlineData]
    [InlineData("-")]
    public void A_script_can_come_through_standard_input(params string[] arguments)
    {
        ProgramRun run = ProgramRun.ShellWithInput("foreach ($i in 1..3) {\n  $i\n}\nexit 5\n", arguments);

        Assert.Equal(["1", "2", "3"], run.Lines);
        Assert.Equal(5, run.ExitCode);
    }

    // pwsh reads lines as if they were typed, and shows them. Only a lone dash is hyperdas' own.
    [SkippableFact]
    public void Options_with_a_dash_after_them_read_standard_input_as_pwsh_does()
    {
        Skip.If(OperatingSystem.IsWindows(), "a console shows lines in another way there");
        string[] options = ["-NoProfile", "-NonInteractive", "-"];

        ProgramRun own = Run(Repository.ShellProgram), host = Run(Repository.Download("pwsh"));

        Assert.Contains("1 3", host.Output, StringComparison.Ordinal);
        Assert.Equal((host.ExitCode, WithoutModes(host.Output), host.Error), (own.ExitCode, WithoutModes(own.Output), own.Error));

        ProgramRun Run(string program) => ProgramRun.In(
            _folder, [program, .. options], "\"1 $(1 + 2)\"\nexit 5\n",
            ("POWERSHELL_TELEMETRY_OPTOUT", "1"), ("POWERSHELL_UPDATECHECK", "Off"));
        // pwsh switches keypad modes at a terminal's name.
        static string WithoutModes(string output) => System.Text.RegularExpressions.Regex.Replace(output, "\u001b\\[\\?1[hl]", "");
    }

    [Fact]
    public void The_module_is_loaded_and_the_commands_of_PowerShell_are_there()
    {
        ProgramRun run = ProgramRun.Shell(
            "-NoProfile", "-Command",
            """
            (Get-Module).Name
            [HyperDas.SelectionMode]::Soft
            (Get-Module -ListAvailable).Name -match '^(Microsoft.PowerShell.(Management|Utility|Security|ThreadJob)|PSReadLine)$' | Sort-Object
            @{ a = 1 } | ConvertTo-Json -Compress
            [pscustomobject]@{ First = 1; Second = 'x' } | Format-Table | Out-String
            Add-Type 'public static class Compiled { public const int Number = 42; }'; [Compiled]::Number
            """);

        Assert.Equal("", run.Error);
        Assert.Equal(
            [
                "HyperDas", "Soft", "Microsoft.PowerShell.Management", "Microsoft.PowerShell.Security", "Microsoft.PowerShell.ThreadJob",
                "Microsoft.PowerShell.Utility", "PSReadLine",
                "{\"a\":1}", "First Second", "----- ------", "1 x", "42",
            ],
            run.Lines.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Fact]
    public void Jobs_and_runspaces_of_a_script_find_the_module_by_its_name()
    {
        ProgramRun run = ProgramRun.Shell(
            "-NoProfile", "-Command",
            $$"""
            $toy = '{{Path.Combine(Repository.Root, "tests", "Fixtures", "toy")}}'
            Start-Job { (Import-HyperDasModel $using:toy).Name } | Receive-Job -Wait
            Start-ThreadJob { (Import-HyperDasModel $using:toy).Name } | Receive-Job -Wait
            1 | ForEach-Object -Parallel { (Import-HyperDasModel $using:toy).Name }
            """);

        Assert.Equal("", run.Error);
        Assert.Equal(["toy", "toy", "toy"], run.Lines);
    }

    // The encodings of the process are its locale's elsewhere, and the console's on Windows.
    [Fact]
    public void Text_is_UTF8_in_both_directions_whatever_the_locale()
    {
        ProgramRun run = ProgramRun.In(
            _folder,
            [Repository.ShellProgram, "-NoProfile", "-Command",
                $"'é→Ġ'; & dotnet '{Repository.ShellProgram}' -NoProfile -Command \"[string[]][char[]]'é→Ġ'\" | ForEach-Object {{ [int][char]$_ }}"],
            ("LC_ALL", "de_DE.ISO-8859-1"));
        ProgramRun typed = ProgramRun.In(_folder, [Repository.ShellProgram], "[int][char]'→'; '→'", ("LC_ALL", "de_DE.ISO-8859-1"));

        Assert.Equal(["é→Ġ", "233", "8594", "288"], run.Lines);
        Assert.Equal(["8594", "→"], typed.Lines);
    }

    [Fact]
    public void The_execution_policy_is_that_of_pwsh_on_each_system()
    {
        Assert.Equal(OperatingSystem.IsWindows() ? "RemoteSigned" : "Unrestricted",
            ProgramRun.Shell("-NoProfile", "-Command", "Get-ExecutionPolicy").Lines.Single());
        // A file that the build copies next to the program on Windows.
        Assert.Contains("\"Microsoft.PowerShell:ExecutionPolicy\": \"RemoteSigned\"", File.ReadAllText(Path.Combine(
            Repository.PwshPackage, "win", "powershell.config.json")));
        Assert.Equal(OperatingSystem.IsWindows(), File.Exists(Path.Combine(
            Path.GetDirectoryName(Repository.ShellProgram)!, "powershell.config.json")));
    }

    [Fact]
    public void Help_says_what_the_program_is_for_and_which_options_there_are()
    {
        ProgramRun run = ProgramRun.Shell("-Help");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("for machines without pwsh", run.Output);
        Assert.Contains("-NonInteractive", run.Output);
    }

    [Theory]
    [InlineData("-NoSuchOption")]
    [InlineData("no-such-script.ps1")]
    [InlineData("-Command")]
    public void A_wrong_call_ends_with_64(string argument) => Assert.Equal(64, ProgramRun.Shell(argument).ExitCode);

    [Theory]
    [InlineData("HyperDas.psd1")]
    [InlineData("HyperDas.Format.ps1xml")]
    [InlineData("HyperDas.OneCopy.psm1")]
    [InlineData("bin/HyperDas.PowerShell.dll")]
    public async Task Without_a_file_of_the_module_the_program_ends_and_says_which_is_missing(string missing)
    {
        string program = Path.Combine(_folder, "shell"), module = Path.Combine(_folder, "module", "HyperDas");
        Copy(Path.GetDirectoryName(Repository.ShellProgram)!, program);
        Copy(Repository.Module, module);
        ProgramRun whole = await Run();
        File.Delete(Path.Combine(module, missing));

        ProgramRun run = await Run();

        Assert.Equal(["HyperDas"], whole.Lines);
        Assert.Equal(70, run.ExitCode);
        Assert.Contains(Path.GetFileName(missing), run.Error);

        async Task<ProgramRun> Run()
        {
            string copy = Path.Combine(program, Path.GetFileName(Repository.ShellProgram));
            using Process process = Process.Start(ProgramRun.Redirected("dotnet", copy, "-NoProfile", "-Command", "(Get-Module).Name"))!;
            process.StandardInput.Close();
            // It once waited forever.
            Task<ProgramRun> ended = Task.Run(() => ProgramRun.Finish(process));
            if (await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMinutes(5))) != ended)
            {
                process.Kill();
            }
            return await ended;
        }
    }

    // The native libraries are large and aren't loaded by an import.
    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(from, file), target = Path.Combine(to, relative);
            if (!relative.StartsWith(Path.Combine("bin", "native"), StringComparison.Ordinal))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }
    }

    private string Script(string content, string name = "script.ps1")
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
