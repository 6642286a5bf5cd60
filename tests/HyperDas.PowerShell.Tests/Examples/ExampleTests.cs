using HyperDas.PowerShell.Tests.Pester;
using Xunit;

namespace HyperDas.PowerShell.Tests.Examples;

/// <summary>The scripts of examples/, run as a scheduler or a user runs them, with a training of two steps.</summary>
[Collection(Programs.Examples)]
public sealed class ExampleTests : IClassFixture<ExampleTests.TrainedNightly>
{
    private readonly TrainedNightly _nightly;

    public ExampleTests(TrainedNightly nightly) => _nightly = nightly;

    [Fact]
    public void The_nightly_training_leaves_its_results_and_exits_with_zero()
    {
        Assert.Equal((0, ""), (_nightly.Run.ExitCode, _nightly.Run.Error));
        Assert.Matches("^verb, seed 1: cause [0-9.]+, isolate [0-9.]+, disentangle [0-9.]+$", _nightly.Run.Lines.Single());
        Assert.All(["interpreter/interpreter.json", "interpreter/metrics.jsonl", "scores.json"], file => Assert.True(
            File.Exists(Path.Combine(_nightly.Folder, file)), file));
    }

    [Fact]
    public void A_score_below_the_limit_and_an_error_have_exit_codes_of_their_own()
    {
        ProgramRun tooLow = Nightly(_nightly.Folder, "-AtLeast", "99");
        Assert.Equal(2, tooLow.ExitCode);
        Assert.Equal(_nightly.Run.Output, tooLow.Output);

        ProgramRun wrong = ProgramRun.Shell(Example("Train-Nightly.ps1"), "-OutputPath", _nightly.Folder, "-Domain", "weather");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("weather", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Interventions_are_composed_in_one_pipeline()
    {
        ProgramRun run = ProgramRun.Shell("-Command",
            // The interpreter was trained on verbs, and warns that it doesn't know cities.
            $"$WarningPreference = 'SilentlyContinue'; & '{Example("Compose-Interventions.ps1")}' -Interpreter '{_nightly.Folder}/interpreter' | ForEach-Object {{ \"$($_.BasePrompt)|$($_.Concept)|$($_.Before)\" }}");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(4, run.Lines.Count());
        Assert.StartsWith("Vienna is in|the country of a city|Austria", run.Lines.First());
    }

    [Fact]
    public void Rows_of_the_users_own_are_composed_too()
    {
        ProgramRun run = ProgramRun.Shell(
            "-Command",
            "$WarningPreference = 'SilentlyContinue'; [pscustomobject]@{ BasePrompt = 'Oslo is in'; CounterfactualPrompt = 'Paris'; Concept = 'the country of a city' } | "
            + $"& '{Example("Compose-Interventions.ps1")}' -Interpreter '{_nightly.Folder}/interpreter' | ForEach-Object BasePrompt");

        Assert.Equal(["Oslo is in"], run.Lines);
    }

    [Fact]
    public void Methods_are_compared_with_a_row_each()
    {
        string plot = Path.Combine(_nightly.Folder, "methods.svg");

        ProgramRun run = ProgramRun.Shell("-Command",
            $"& '{Example("Compare-Methods.ps1")}' -Domain verb -MaxSteps 2 -PlotPath '{plot}' | ForEach-Object {{ \"$($_.Method): $($_.Disentangle)\" }}");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(["Mdas", "HyperDas"], run.Lines.Select(line => line.Split(':')[0]));
        Assert.StartsWith("<", File.ReadAllText(plot));
    }

    [Fact]
    public void A_guard_lets_no_untrained_interpreter_pass()
    {
        Environment.SetEnvironmentVariable("HYPERDAS_GUARDED", Path.Combine(_nightly.Folder, "interpreter"));

        PesterFile guard = Assert.Single(PesterRun.Of(PesterRun.Current, Example("Guard-Interpreter.Tests.ps1")).Files);

        guard.Check();
        Assert.Equal(4, guard.Tests.Count);
        Assert.All(guard.Tests.Where(test => test.Name.Contains("better than doing nothing", StringComparison.Ordinal)), test =>
        {
            Assert.Equal("Failed", test.Result);
            Assert.Contains("60", test.Message, StringComparison.Ordinal);
        });
    }

    [SkippableFact]
    public void Systemd_gets_a_service_and_a_timer()
    {
        Skip.If(OperatingSystem.IsWindows(), "systemd's paths are Unix's");
        ProgramRun run = Register("Systemd", "-OutputPath", _nightly.Folder, "-AtLeast", "72.5", "-Shell", "/usr/bin/pwsh");

        Assert.Equal(["cp", "systemctl", "systemctl"], run.Lines.Select(line => line.Split(' ')[0]));
        string service = File.ReadAllText(Path.Combine(_nightly.Folder, "hyperdas-nightly.service"));
        Assert.Contains(
            $"\nExecStart=\"/usr/bin/pwsh\" -NoProfile -NonInteractive -File \"{Example("Train-Nightly.ps1")}\" -OutputPath \"/srv/it's 100%%\" -AtLeast 72.5\n",
            service, StringComparison.Ordinal);
        Assert.Contains("\nOnCalendar=*-*-* 04:05:00\n", File.ReadAllText(Path.Combine(
            _nightly.Folder, "hyperdas-nightly.timer")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Cron_gets_one_line_with_its_percent_signs_escaped()
    {
        Skip.If(OperatingSystem.IsWindows(), "cron's paths are Unix's");
        Assert.Equal(
            $"5 4 * * * 'pwsh' -NoProfile -NonInteractive -File '{Example("Train-Nightly.ps1")}' -OutputPath '/srv/it'\\''s 100\\%' -AtLeast 70 >> '/srv/it'\\''s 100\\%.log' 2>&1",
            Register("Cron").Lines.Single());
    }

    [Fact]
    public void The_Task_Scheduler_gets_commands_that_parse()
    {
        ProgramRun run = Register("TaskScheduler");

        Assert.Equal(3, run.Lines.Count());
        System.Management.Automation.Language.Parser.ParseInput(
            run.Output, out _, out System.Management.Automation.Language.ParseError[] errors);
        Assert.Empty(errors);
        Assert.Contains("Register-ScheduledTask -TaskName 'HyperDAS nightly'", run.Output, StringComparison.Ordinal);
        // With the drive, on systems that have drives.
        string folder = Path.GetFullPath(RunPath).Replace("'", "''", StringComparison.Ordinal);
        Assert.Contains($"-OutputPath \"{folder}\" -AtLeast 70'", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_home_folder_is_the_users_and_nothing_is_written_with_WhatIf()
    {
        string folder = Path.Combine(_nightly.Folder, "what if");

        ProgramRun run = ProgramRun.Shell(
            Example("Register-NightlyTraining.ps1"), "-Scheduler", "Systemd", "-RunPath", "~/runs/nightly/",
            "-OutputPath", folder, "-WhatIf");
        ProgramRun cron = ProgramRun.Shell(Example("Register-NightlyTraining.ps1"), "-Scheduler", "Cron", "-RunPath", "~/runs/nightly/");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.False(Directory.Exists(folder));
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Contains($"-OutputPath '{Path.Combine(home, "runs", "nightly")}' ", cron.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("~", cron.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Units_of_systemd_are_replaced_only_with_Force()
    {
        string[] again =
        [
            Example("Register-NightlyTraining.ps1"), "-Scheduler", "Systemd", "-RunPath", "x", "-OutputPath",
            Path.Combine(_nightly.Folder, "new", "units")
        ];

        Assert.Equal(0, ProgramRun.Shell(again).ExitCode);
        Assert.Contains("-Force", ProgramRun.Shell(again).Error, StringComparison.Ordinal);
        Assert.Equal(0, ProgramRun.Shell([.. again, "-Force"]).ExitCode);
    }

    [Fact]
    public void A_time_that_does_not_exist_is_refused()
    {
        ProgramRun run = ProgramRun.Shell(Example("Register-NightlyTraining.ps1"), "-Scheduler", "Cron", "-RunPath", "x", "-At", "25:00");

        Assert.NotEqual(0, run.ExitCode);
    }

    // An apostrophe, a space and a percent sign: each is special to one of the schedulers.
    private const string RunPath = "/srv/it's 100%";

    private static string Example(string name) => Path.Combine(Repository.Root, "examples", name);

    private static ProgramRun Nightly(string folder, params string[] more) =>
        ProgramRun.Shell([Example("Train-Nightly.ps1"), "-OutputPath", folder, "-Domain", "verb", "-MaxSteps", "2", .. more]);

    private static ProgramRun Register(string scheduler, params string[] more) =>
        ProgramRun.Shell([Example("Register-NightlyTraining.ps1"), "-Scheduler", scheduler, "-RunPath", RunPath, "-At", "04:05", .. more]);

    /// <summary>One run of the nightly training, which several tests look at.</summary>
    public sealed class TrainedNightly : IDisposable
    {
        public TrainedNightly() => Run = Nightly(Folder);

        internal string Folder { get; } = Directory.CreateTempSubdirectory("hyperdas nightly").FullName;

        internal ProgramRun Run { get; }

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
