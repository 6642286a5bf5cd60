using System.Diagnostics;
using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>The same work over and over: as many live tensors as in the beginning, no growing memory, the same results.</summary>
public sealed class SoakTests(ITestOutputHelper log)
{
    /// <summary>Environment variable with the number of seconds; a minute without it.</summary>
    private const string SecondsVariable = "HYPERDAS_SOAK";
    private const int WarmUpRounds = 5;
    private const double AllowedMebibytes = 96;

    // Work that ends well, ends early, ends with an error, and is stopped.
    private const string Round =
        """
        Invoke-Work
        foreach ($once in 1) { 'Vienna', 'Paris', 'Oslo' | Invoke-HyperDasGeneration $model -BatchSize 1 -MaxNewTokens 2 | ForEach-Object { $_.Output; break } }
        try { Start-HyperDasTraining $model $dataset -Layer 99 } catch { $_.FullyQualifiedErrorId }
        try { Start-HyperDasTraining $model $dataset -Layer 2 -LearningRate 1e30 -MaxSteps 5 -BatchSize 4 } catch { $_.FullyQualifiedErrorId }
        $job = Start-HyperDasTraining $model $dataset -Layer 2 -Epochs 1000000 -BatchSize 4 -AsJob
        while (-not $job.StatusMessage) { [System.Threading.Thread]::Sleep(2) }
        $job | Stop-Job; "$($job.State)"; $job | Remove-Job
        $own = Import-HyperDasModel $toy
        Test-HyperDasModel $own | ForEach-Object { "$_" }
        $own | Remove-HyperDasModel
        """;

    [Fact]
    public void Work_that_is_repeated_grows_nothing_and_gives_the_same()
    {
        TimeSpan length = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable(SecondsVariable) ?? "60", CultureInfo.InvariantCulture));
        using ModuleSession session = ToyWork.Begin();
        string expected = ToyWork.Run(session, Round);
        for (int i = 0; i < WarmUpRounds; i++)
        {
            Assert.Equal(expected, ToyWork.Run(session, Round));
        }
        (long tensors, double memory) = (EngineMemory.Tensors(), EngineMemory.ResidentMebibytes());
        int threads = Process.GetCurrentProcess().Threads.Count, rounds = 0;

        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed < length; rounds++)
        {
            Assert.Equal(expected, ToyWork.Run(session, Round));
        }

        double now = EngineMemory.ResidentMebibytes();
        log.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rounds} rounds in {length.TotalSeconds:F0} s; live tensors {tensors}, then {EngineMemory.Tensors()}; resident memory {memory:F0} MiB, then {now:F0}; threads {threads}, then {Process.GetCurrentProcess().Threads.Count}"));
        Assert.Equal(tensors, EngineMemory.Tensors());
        Assert.True(now - memory < AllowedMebibytes, $"Resident memory grew by {now - memory:F0} MiB in {rounds} rounds.");
        Assert.InRange(Process.GetCurrentProcess().Threads.Count, 0, threads + 16);
    }
}
