using Xunit;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>Several users of one process, and users who leave early: nothing hangs, nothing stays behind, results are the same.</summary>
public sealed class ConcurrencyTests : IDisposable
{
    private const string Endless =
        "Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -Epochs 1000000 -BatchSize 4 -AsJob";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private readonly ModuleSession _session = ToyWork.Begin();

    public void Dispose()
    {
        _session.Run("Get-Job | Remove-Job -Force; $model | Remove-HyperDasModel");
        _session.Dispose();
    }

    [Fact]
    public void Parallel_runspaces_give_what_one_alone_gives()
    {
        string alone = ToyWork.Results(_session);
        ModuleSession[] sessions = [.. Enumerable.Range(0, 4).Select(_ => ToyWork.Begin())];
        long before = EngineMemory.Tensors();

        string[] together = Together(sessions.Select(s => (Func<string>)(() => ToyWork.Results(s))));

        Assert.All(together, results => Assert.Equal(alone, results));
        Assert.Equal(before, EngineMemory.Tensors());
        Array.ForEach(sessions, s => { s.Run("$model | Remove-HyperDasModel"); s.Dispose(); });
    }

    [Fact]
    public void Runspaces_may_share_one_model()
    {
        string alone = ToyWork.Results(_session);
        object model = _session.Run("$model").Output.Single();
        ModuleSession[] sessions = [.. Enumerable.Range(0, 3).Select(_ => ToyWork.Begin())];
        Array.ForEach(sessions, s => ToyWork.Run(s, "$model | Remove-HyperDasModel; $global:model = $args[0]", model));

        string[] together = Together(sessions.Select(s => (Func<string>)(() => ToyWork.Results(s))));

        Assert.All(together, results => Assert.Equal(alone, results));
        Array.ForEach(sessions, s => s.Dispose());
    }

    [Fact]
    public void Jobs_beside_each_other_give_what_one_alone_gives()
    {
        const string train = "Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -MaxSteps 3 -BatchSize 4";
        const string show =
            "ForEach-Object { ($_.Metrics | ForEach-Object { $_.Loss.ToString('R') }) -join ' '; $_.Interpreter | Remove-HyperDasModel }";
        string alone = ToyWork.Run(_session, $"{train} | {show}");
        long before = EngineMemory.Tensors();

        string together = ToyWork.Run(
            _session, $"$jobs = 1..4 | ForEach-Object {{ {train} -AsJob }}; $jobs | Wait-Job | Receive-Job | {show}; $jobs | Remove-Job");

        Assert.Equal(Enumerable.Repeat(alone, 4), together.Split('\n'));
        Assert.Equal(before, EngineMemory.Tensors());
    }

    [Fact]
    public void Pipelines_that_have_enough_leave_nothing()
    {
        const string early =
            "foreach ($once in 1) { 'Vienna', 'Paris', 'Oslo', 'Graz' | Invoke-HyperDasGeneration $model -BatchSize 1 -MaxNewTokens 2 | ForEach-Object { $_.Prompt; break } }";
        ToyWork.Run(_session, early);
        long before = EngineMemory.Tensors();

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("Vienna", ToyWork.Run(_session, early));
            ToyWork.Run(_session, "foreach ($once in 1) { Test-HyperDasModel $toy -Layer 1 | ForEach-Object { break } }");
        }

        Assert.Equal(before, EngineMemory.Tensors());
    }

    [Fact]
    public void Stopped_jobs_leave_nothing()
    {
        string undisturbed = ToyWork.Results(_session);
        long before = EngineMemory.Tensors();

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("Stopped", WithinLimit(() => ToyWork.Run(_session,
                $"$job = {Endless}; while (-not $job.StatusMessage) {{ [System.Threading.Thread]::Sleep(5) }}; $job | Stop-Job; $job.State; $job | Remove-Job")));
        }

        Assert.Equal(before, EngineMemory.Tensors());
        Assert.Equal(undisturbed, ToyWork.Results(_session));
    }

    [Fact]
    public void Removing_the_module_stops_its_jobs_and_importing_it_again_works()
    {
        string before = ToyWork.Results(_session);
        string script =
            $"$global:job = {Endless}; while (-not $job.StatusMessage) {{ [System.Threading.Thread]::Sleep(5) }}; Remove-Module HyperDas; \"$($job.State)\"; Import-Module $args[0]";

        Assert.Equal("Stopped", WithinLimit(() => ToyWork.Run(_session, script, Repository.Manifest)));

        Assert.Equal(before, ToyWork.Results(_session));
    }

    [Fact]
    public void A_model_that_is_given_up_under_a_job_serves_it_to_the_end_and_nobody_else()
    {
        const string train = "-Layer 2 -FeatureDimension 8 -Blocks 1 -MaxSteps 12 -BatchSize 4";
        const string show =
            "ForEach-Object { ($_.Metrics | ForEach-Object { $_.Loss.ToString('R') }) -join ' '; $_.Interpreter | Remove-HyperDasModel }";
        string alone = ToyWork.Run(_session, $"Start-HyperDasTraining $model $dataset {train} | {show}");
        long before = EngineMemory.Tensors();

        Outcome outcome = WithinLimit(() => _session.Run(
            $"$own = Import-HyperDasModel $toy; $job = Start-HyperDasTraining $own $dataset {train} -AsJob; $own | Remove-HyperDasModel; " +
            $"$job | Receive-Job -Wait -AutoRemoveJob | {show}; try {{ Invoke-HyperDasGeneration $own 'Vienna' }} catch {{ $_.FullyQualifiedErrorId.Split(',')[0] }}"));

        Assert.Empty(outcome.Errors);
        Assert.Equal([alone, "ModelDisposed"], outcome.Lines);
        Assert.Equal(before, EngineMemory.Tensors());
    }

    [Fact]
    public void An_interpreter_that_is_given_up_under_a_job_serves_it_to_the_end()
    {
        ToyWork.Run(_session,
            "$global:own = Import-HyperDasModel $toy; $global:trained = (Start-HyperDasTraining $own $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -MaxSteps 1 -BatchSize 4).Interpreter");
        string alone = ToyWork.Run(_session, "Measure-RavelScore $trained $dataset | ForEach-Object ToString");

        string scored = WithinLimit(() => ToyWork.Run(
            _session,
            "$job = Measure-RavelScore $trained $dataset -AsJob; $trained, $own | Remove-HyperDasModel; $job | Receive-Job -Wait -AutoRemoveJob | ForEach-Object ToString"));

        Assert.Equal(alone, scored);
    }

    private static string[] Together(IEnumerable<Func<string>> work) =>
        WithinLimit(() => Task.WhenAll(work.Select(w => Task.Factory.StartNew(w, TaskCreationOptions.LongRunning))).Result);

    private static T WithinLimit<T>(Func<T> work)
    {
        Task<T> running = Task.Run(work);
        Assert.True(running.Wait(s_limit), "It hangs.");
        return running.Result;
    }
}
