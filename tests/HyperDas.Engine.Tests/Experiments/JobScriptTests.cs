using System.Diagnostics;
using HyperDas.Engine.Experiments.Plans;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>
/// Slurm's script of a run, as Slurm starts it, with a shell script in place of PowerShell and a note in place of <c>scontrol</c>: what
/// becomes of exit codes, of the warning before the end, and of attempts that lead nowhere. A real Slurm is in <c>tests/Slurm</c>.
/// </summary>
public sealed class JobScriptTests
{
    private const string Made = "{\"attempt\":1,\"event\":\"stopped\",\"time\":\"2026-01-01T00:00:00Z\",\"step\":5,\"made\":5}";
    private const string Nothing = "{\"attempt\":1,\"event\":\"stopped\",\"time\":\"2026-01-01T00:00:00Z\",\"made\":0}";
    private const string Failed = "{\"attempt\":1,\"event\":\"failed\",\"time\":\"2026-01-01T00:00:00Z\",\"step\":5,\"made\":5}";

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(143)]
    public void The_exit_code_is_that_of_the_run(int code)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Slurm's script is for Linux.");
        (int ended, string told) = Run($"exit {code}", warn: false, restarts: 0);

        Assert.Equal((code, ""), (ended, told));
    }

    [SkippableTheory]
    [InlineData(Made, 0, "requeue 70_3\n", 0)]
    [InlineData(Made, 2, "", 1)]
    [InlineData(Nothing, 0, "", 1)]
    [InlineData("", 0, "", 1)]
    [InlineData(Failed, 0, "", 9)]
    public void A_warned_task_requeues_itself_alone_unless_that_leads_nowhere(string attempt, int restarts, string expected, int code)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Slurm's script is for Linux.");
        // A launcher that ends at once, and a child that needs a moment to write its state.
        string line = attempt.Replace("\"", "\\\"", StringComparison.Ordinal);
        string note = line.Length > 0 ? $"echo '{line}' >> \\\"$FOLDER/attempts.jsonl\\\"; " : "";
        // Both expect the signal before the file says so.
        string work = $"trap 'exit 9' TERM; (trap \"sleep 0.5; {note}exit 9\" TERM; "
            + "touch \"$FOLDER/ready\"; while :; do sleep 0.1; done) & wait";

        (int ended, string told) = Run(work, warn: true, restarts);

        Assert.Equal((code, expected), (ended, told));
    }

    private static (int Code, string Told) Run(string work, bool warn, int restarts)
    {
        using ToyExperiment toy = new(more: "sweep: { seed: [1, 2, 3, 4] }");
        using TemporaryFolder programs = new();
        string shell = Program(programs, "shell", work), told = Path.Combine(programs.Path, "told");
        Program(programs, "scontrol", $"echo \"$@\" >> '{told}'");
        SubmissionOptions options = PlanTests.Options() with { Shell = [shell], Requeues = 2 };
        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, options);
        string folder = plan.Open[3].Path;
        Directory.CreateDirectory(folder);
        PlanScripts.Write(plan, options);
        PlanScripts.Write(plan, options, PlanTemplate.Slurm());
        ProcessStartInfo start = new("bash", [Path.Combine(plan.Folder, PlanFolder.JobFile)])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = $"{programs.Path}:{start.Environment["PATH"]}";
        (start.Environment["SLURM_ARRAY_JOB_ID"], start.Environment["SLURM_ARRAY_TASK_ID"]) = ("70", "3");
        (start.Environment["SLURM_RESTART_COUNT"], start.Environment["FOLDER"]) = ($"{restarts}", folder);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (warn)
        {
            Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(folder, "ready")), TimeSpan.FromSeconds(20)));
            using Process kill = Process.Start("kill", ["-USR1", $"{process.Id}"]);
            kill.WaitForExit();
        }
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)), $"{output} {error}");
        return (process.ExitCode, File.Exists(told) ? File.ReadAllText(told) : "");
    }

    internal static string Program(TemporaryFolder folder, string name, string body)
    {
        string file = folder.Write(name, $"#!/bin/bash\n{body}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        return file;
    }
}
