using Xunit;
using Xunit.Abstractions;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>
/// Real trainings, killed with SIGKILL at random moments and in the middle of writing their state, end with the weights, metrics and
/// scores of one that nobody disturbed. HYPERDAS_KILLS asks for more kills than the usual number.
/// </summary>
[Collection(Programs.Kills)]
[Trait("Lane", "Second")]
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int TrainingKills = 40, PretrainingKills = 8, ExperimentKills = 8, Lanes = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas kills ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_killed_training_ends_as_one_that_nobody_disturbed() => KillAndCompare(KeptScript.Training(), Asked(TrainingKills));

    [Fact]
    public void A_killed_pretraining_ends_as_one_that_nobody_disturbed() =>
        KillAndCompare(KeptScript.Pretraining(), Asked(PretrainingKills));

    [Fact]
    public void A_killed_sweep_ends_with_the_runs_of_one_that_nobody_disturbed() =>
        KillAndCompare(KeptScript.Experiment(), Asked(ExperimentKills));

    private static int Asked(int usual) => int.TryParse(Environment.GetEnvironmentVariable("HYPERDAS_KILLS"), out int kills)
        ? kills
        : usual;

    private void KillAndCompare(KeptScript script, int kills)
    {
        string undisturbed = Path.Combine(_folder, "undisturbed");
        ProgramRun run = script.Run(undisturbed);
        Assert.True(run.ExitCode == 0, run.Error);
        IReadOnlyDictionary<string, string> expected = script.Results(undisturbed);

        Killer[] killers =
            [.. Enumerable.Range(0, Lanes).Select(lane => new Killer(script, Path.Combine(_folder, $"lane {lane}"), expected, seed: lane))];
        IReadOnlyList<string>[] wrong = new IReadOnlyList<string>[Lanes];
        Parallel.For(0, Lanes, lane => wrong[lane] = killers[lane].Run((kills + Lanes - 1) / Lanes));

        output.WriteLine(
            $"{killers.Sum(k => k.Kills)} kills, {killers.Sum(k => k.InMidWrite)} of them in the middle of a write; {killers.Sum(k => k.Compared)} trainings compared");
        Assert.Empty(wrong.SelectMany(w => w));
        Assert.True(killers.Sum(k => k.Kills) >= kills);
        Assert.True(killers.Sum(k => k.InMidWrite) >= 1, "no kill came in the middle of a write");
    }
}
