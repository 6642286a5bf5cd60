using System.Diagnostics;
using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>The same work over and over: as many live tensors as in the beginning, no growing memory, the same results.</summary>
[Trait("Lane", "Second")]
public sealed class SoakTests(ITestOutputHelper log)
{
    /// <summary>Environment variable with the number of seconds; two minutes without it.</summary>
    private const string SecondsVariable = "HYPERDAS_SOAK";
    private const int WarmUpRounds = 5, Samples = 8;

    // What stores of compiled shapes, code and heaps take levels off; what leaks goes on: the second half may grow by this
    // or by half as much as the first.
    private const double AllowedMebibytes = 32;

    // Work that succeeds, ends early, fails, and is stopped.
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
        TimeSpan length = TimeSpan.FromSeconds(
            double.Parse(Environment.GetEnvironmentVariable(SecondsVariable) ?? "120", CultureInfo.InvariantCulture));
        using ModuleSession session = ToyWork.Begin();
        string expected = ToyWork.Run(session, Round);
        for (int i = 0; i < WarmUpRounds; i++)
        {
            Assert.Equal(expected, ToyWork.Run(session, Round));
        }
        long tensors = EngineMemory.Tensors();
        int threads = Process.GetCurrentProcess().Threads.Count, rounds = 0;
        List<double> memory = [EngineMemory.ResidentMebibytes()];

        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed < length; rounds++)
        {
            Assert.Equal(expected, ToyWork.Run(session, Round));
            if (clock.Elapsed >= memory.Count * length / Samples)
            {
                memory.Add(EngineMemory.ResidentMebibytes());
            }
        }

        double first = memory[memory.Count / 2] - memory[0], second = memory[^1] - memory[memory.Count / 2];
        log.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rounds} rounds in {length.TotalSeconds:F0} s; live tensors {tensors}, then {EngineMemory.Tensors()}; resident memory, MiB: {string.Join(", ", memory.Select(m => m.ToString("F0", CultureInfo.InvariantCulture)))}; threads {threads}, then {Process.GetCurrentProcess().Threads.Count}"));
        Assert.Equal(tensors, EngineMemory.Tensors());
        Assert.True(
            second <= Math.Max(AllowedMebibytes, first / 2),
            $"Resident memory grew by {first:F0} MiB in the first half of {rounds} rounds and by {second:F0} in the second.");
        Assert.InRange(Process.GetCurrentProcess().Threads.Count, 0, threads + 16);
    }
}
