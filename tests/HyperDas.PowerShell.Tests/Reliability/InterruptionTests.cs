using System.Diagnostics;
using Xunit;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>What else may come between a training and its end: a signal, a second process, a full disk.</summary>
[Collection(Programs.Kills)]
public sealed class InterruptionTests : IDisposable
{
    // An interval so long that only a stop writes a state.
    private static readonly KeptScript s_onlyAtStop = KeptScript.Training("-CheckpointInterval", "1000000", "-Epochs", "200");
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas interruption ").FullName;

    private string Kept => Path.Combine(_folder, "kept");

    private string StateFile => Path.Combine(Kept, "state", "state.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    [Trait("Lane", "Second")]
    public void A_training_that_one_signal_after_another_stops_writes_its_state_each_time_and_ends_as_an_undisturbed_one()
    {
        foreach ((int signal, int exitCode) in new[] { (Signals.Terminate, 143), (Signals.Hangup, 129), (Signals.Interrupt, 130) })
        {
            int steps = StepsIn(Kept);
            DateTime before = File.GetLastWriteTimeUtc(StateFile);
            using Process process = s_onlyAtStop.StartTakingSignals(Kept);
            Assert.True(KeptScript.WaitUntil(process, () => StepsIn(Kept) >= steps + 3));
            Assert.Equal(before, File.GetLastWriteTimeUtc(StateFile));

            Signals.Send(process, signal);

            Assert.Equal(exitCode, ProgramRun.Finish(process).ExitCode);
            Assert.NotEqual(before, File.GetLastWriteTimeUtc(StateFile));
        }
        string undisturbed = Path.Combine(_folder, "undisturbed");
        Assert.Equal(0, s_onlyAtStop.Run(Kept).ExitCode);
        Assert.Equal(0, s_onlyAtStop.Run(undisturbed).ExitCode);
        Assert.Equal(s_onlyAtStop.Results(undisturbed), s_onlyAtStop.Results(Kept));
    }

    [Fact]
    public void A_second_process_is_told_which_one_has_the_folder()
    {
        KeptScript endless = KeptScript.Training("-CheckpointInterval", "1000000", "-Epochs", "1000000");
        using Process first = endless.Start(Kept);
        try
        {
            Assert.True(KeptScript.WaitUntil(first, () => KeptScript.HasBegun(Kept, first)));

            ProgramRun second = endless.Run(Kept);

            Assert.Equal(1, second.ExitCode);
            Assert.Contains($"process{first.Id}(", Unwrapped(second.Error), StringComparison.Ordinal);
        }
        finally
        {
            first.Kill();
            first.WaitForExit();
        }
    }

    [SkippableFact]
    [Trait("Lane", "Second")]
    public void A_disk_without_room_is_one_clear_error_and_the_earlier_state_stays()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "limits the size of files with the shell's ulimit");
        KeptScript script = KeptScript.Training();
        using (Process process = script.Start(Kept))
        {
            Assert.True(KeptScript.WaitUntil(process, () => File.Exists(StateFile)));
            process.Kill();
            process.WaitForExit();
        }
        byte[] before = File.ReadAllBytes(StateFile);

        // 16 blocks of 1 KiB: less than a state. The signal is ignored, so the write fails as on a full disk; the runtime's
        // own mapped memory must not count.
        ProgramRun full = Limited(
            "trap '' XFSZ; ulimit -f 16; DOTNET_EnableWriteXorExecute=0 exec dotnet \"$@\"", script.CommandLine(Kept));

        Assert.Equal(1, full.ExitCode);
        Assert.Contains("couldn'tbewritten", Unwrapped(full.Error), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(StateFile));
        string undisturbed = Path.Combine(_folder, "undisturbed");
        Assert.Equal(0, script.Run(Kept).ExitCode);
        Assert.Equal(0, script.Run(undisturbed).ExitCode);
        Assert.Equal(script.Results(undisturbed), script.Results(Kept));
    }

    private static int StepsIn(string folder)
    {
        string metrics = Path.Combine(folder, "metrics.jsonl");
        return File.Exists(metrics) ? File.ReadLines(metrics).Count() : 0;
    }

    // PowerShell wraps an error message and starts each line with a bar.
    private static string Unwrapped(string error) => string.Concat(error.Where(c => !char.IsWhiteSpace(c) && c != '|'));

    private static ProgramRun Limited(string command, string[] arguments)
    {
        ProcessStartInfo start = new("bash", ["-c", command, "bash", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HYPERDAS_NUM_THREADS"] = "1";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return ProgramRun.Finish(process);
    }
}
