using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Runs;
using HyperDas.Engine.Files;
using HyperDas.Engine.Training;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>What a run's folder reveals about the run.</summary>
public sealed class RunStatusTests
{
    [Fact]
    public void A_run_is_missing_and_then_finished_with_its_scores()
    {
        using ToyExperiment toy = new(more: "sweep: { seed: [4, 5] }");
        IReadOnlyList<ExperimentRun> runs = toy.ReadAll();
        Assert.Equal(ExperimentState.Missing, RunStatus.Read(runs[0]).State);
        Assert.False(Directory.Exists(runs[0].Path));

        ExperimentResult result = Run(runs[0]);
        ExperimentStatus status = RunStatus.Read(runs[0]);

        Assert.Equal((ExperimentState.Finished, 1, 0), (status.State, status.Attempts, status.Index));
        Assert.Equal((result.Steps, result.Steps, 4L), (status.Step, status.Steps, status.Seed));
        Assert.Equal(result.Disentangle, status.Disentangle);
        Assert.Equal(result.Mean.DisentangleInterval, status.DisentangleInterval);
        Assert.Equal(result.Scores, status.Scores.Select(s => s with { Seed = null }));
        Assert.All(status.Scores, s => Assert.Equal(4, s.Seed));
        Assert.InRange(status.PeakMemory!.Value, 1 << 20, 1L << 40);
        Assert.InRange(status.Finished!.Value - status.Started!.Value, TimeSpan.Zero, status.Duration + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_training_that_diverged_leaves_its_error()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read("training.learningRate=1e30");
        HyperDasException error = Assert.Throws<HyperDasException>(() => Run(run));

        ExperimentStatus status = RunStatus.Read(run);

        Assert.Equal((ExperimentState.Failed, "TrainingDiverged", error.Message), (status.State, status.ErrorId, status.Error));
        Assert.Null(status.Disentangle);
        Assert.Equal(ExperimentState.Failed, RunSearch.Read(Assert.Single(RunSearch.Find(toy.Runs))).State);
    }

    [Fact]
    public void A_run_with_other_settings_is_told_apart()
    {
        using ToyExperiment toy = new();
        Run(toy.Read());

        ExperimentStatus status = RunStatus.Read(toy.Read("training.batchSize=3"));

        Assert.Equal((ExperimentState.Different, "OutputExists"), (status.State, status.ErrorId));
        Assert.Contains("'batchSize: 4' there, 'batchSize: 3' here", status.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_times_of_an_interrupted_run_add_up_and_its_steps_are_counted()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        Assert.Throws<OperationCanceledException>(() => RunUntil(run, "Training"));

        ExperimentStatus stopped = RunStatus.Read(run);
        AttemptLine end = AttemptFile.Read(Path.Combine(run.Path, RunFolder.AttemptsFile))[^1];
        ExperimentResult result = Run(run);
        ExperimentStatus finished = RunStatus.Read(run);

        Assert.Equal((ExperimentState.Interrupted, 1, 3), (stopped.State, stopped.Step, stopped.Steps));
        Assert.Equal((AttemptEvent.Stopped, 1), (end.Event, end.Made));
        Assert.Equal((ExperimentState.Finished, 2), (finished.State, finished.Attempts));
        Assert.True(
            finished.Duration > stopped.Duration && result.Duration > stopped.Duration, "a resumed run tells its last attempt only");
        Assert.Equal(2, AttemptFile.Read(Path.Combine(run.Path, RunFolder.AttemptsFile))[^1].Made);
    }

    [Fact]
    public void An_attempt_that_is_stopped_before_its_training_made_no_step()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();

        Assert.Throws<OperationCanceledException>(() => RunUntil(run, "Loading"));

        AttemptLine end = AttemptFile.Read(Path.Combine(run.Path, RunFolder.AttemptsFile))[^1];
        Assert.Equal((AttemptEvent.Stopped, 0), (end.Event, end.Made));
        Assert.Null(end.Step);
    }

    [Fact]
    public void A_killed_attempt_is_noted_by_the_next_with_the_time_of_its_last_sign()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        string file = Path.Combine(run.Path, RunFolder.AttemptsFile);
        Directory.CreateDirectory(run.Path);
        DateTimeOffset began = DateTimeOffset.UtcNow - TimeSpan.FromHours(2);
        AttemptFile.Append(file, new AttemptLine(1, AttemptEvent.Started, began));
        File.AppendAllText(file, "{\"attempt\":1,\"eve");
        File.WriteAllText(Path.Combine(run.Path, RunFolder.DocumentFile), run.Yaml);
        string metrics = Path.Combine(run.Path, RunFolder.MetricsFile);
        File.WriteAllText(metrics, "");
        File.SetLastWriteTimeUtc(metrics, began.UtcDateTime + TimeSpan.FromHours(1));
        Assert.Equal(3600, RunStatus.Read(run).Duration.TotalSeconds, 1.0);

        Run(run);

        Assert.Equal(
            [AttemptEvent.Started, AttemptEvent.Lost, AttemptEvent.Started, AttemptEvent.Training, AttemptEvent.Finished],
            AttemptFile.Read(file).Select(line => line.Event));
        Assert.InRange(RunStatus.Read(run).Duration, TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(70));
    }

    [Fact]
    public void Who_works_on_a_run_is_told_and_looking_does_not_disturb_it()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        Assert.Throws<OperationCanceledException>(() => RunUntil(run, "Training"));

        using (FolderLock.Take(run.Path, "RunLocked", "run"))
        {
            ExperimentStatus status = RunStatus.Read(run);
            Assert.Equal(ExperimentState.Running, status.State);
            Assert.Contains(Environment.MachineName, status.Runner, StringComparison.Ordinal);
        }
        // What a killed process leaves.
        File.WriteAllText(Path.Combine(run.Path, "lock.owner"), "process 1 (pwsh) on elsewhere");

        Assert.Equal(ExperimentState.Interrupted, RunStatus.Read(run).State);
    }

    [Fact]
    public void Folders_of_several_documents_tell_what_varies()
    {
        using ToyExperiment toy = new(more: "sweep: { method.layer: [1, 2] }");
        Run(toy.ReadAll()[0]);
        Run(toy.ReadAll("training.batchSize=3")[1]);

        ExperimentStatus[] found = [.. RunSearch.Find(toy.Runs).Select(RunSearch.Read)];

        Assert.Equal(["runs/layer-1", "runs/layer-2"], found.Select(f => f.Name));
        Assert.Equal(["method.layer", "training.batchSize"], found[0].Values.Keys.Order());
        Assert.Equal("batchSize 4", found[0].Scores[0].Settings);
    }

    [Theory]
    [InlineData("{\"attempt\":1}")]
    [InlineData("null")]
    [InlineData("{\"attempt\":1,\"event\":7,\"time\":\"2026-01-01T00:00:00Z\"}")]
    public void A_damaged_file_of_attempts_is_named(string line)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write(RunFolder.AttemptsFile, line + "\n");

        HyperDasException error = Assert.Throws<HyperDasException>(() => AttemptFile.Read(file));

        Assert.Equal("AttemptsCorrupt", error.ErrorId);
        Assert.Contains(file + "', line 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Means_are_taken_over_seeds_and_tell_how_many_there_are()
    {
        ExperimentStatus[] runs = [Status(1, "1", 60), Status(1, "2", 80), Status(2, "1", 50), Status(2, "2", null)];

        IReadOnlyList<ExperimentMean> means = RunMeans.Of(runs);

        Assert.Equal(["sweep: layer 1", "sweep: layer 2"], means.Select(m => m.Name));
        Assert.Equal([(2, 2), (2, 1)], means.Select(m => (m.Runs, m.Finished)));
        Assert.Equal(70, means[0].Cause);
        Assert.Equal(Math.Sqrt(200), means[0].CauseDeviation!.Value, 1e-9);
        Assert.Equal(new ScoreInterval(80, 90), means[0].DisentangleRange);
        Assert.Null(means[1].CauseDeviation);
        Assert.Equal(2, means[0].Scores.Count);
    }

    [Fact]
    public void Events_can_be_read_while_the_training_runs()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        string events = Path.Combine(run.Path, "tensorboard", TensorBoardLog.FileName);
        List<long> sizes = [];
        using ExperimentRunner runner = new();

        runner.Run(run, progress: new Told(value =>
        {
            if (value.Activity.StartsWith("Training", StringComparison.Ordinal))
            {
                sizes.Add(new FileInfo(events).Length);
            }
        }));

        Assert.Equal(sizes.Distinct().Order(), sizes);
        Assert.Equal(3, sizes.Count);
        Assert.True(new FileInfo(events).Length > sizes[^1], "the scores are events, too");
    }

    private static ExperimentStatus Status(int layer, string seed, double? cause) => new()
    {
        Name = $"sweep/layer-{layer}_seed-{seed}",
        State = cause is null ? ExperimentState.Missing : ExperimentState.Finished,
        Path = "/runs",
        Values = new Dictionary<string, string> { ["method.layer"] = $"{layer}", ["seed"] = seed },
        Scores = cause is null ? [] :
        [
            new RavelScore
            {
                Domain = "city", Attribute = RavelScore.All, Method = "HyperDas", SelectionMode = SelectionMode.Soft, Cause = cause.Value,
                Isolate = 100, CauseCount = 1, IsolateCount = 1,
            },
        ],
    };

    private static ExperimentResult Run(ExperimentRun run)
    {
        using ExperimentRunner runner = new();
        return runner.Run(run);
    }

    private static void RunUntil(ExperimentRun run, string activity)
    {
        using ExperimentRunner runner = new();
        using CancellationTokenSource stop = new();
        runner.Run(run, progress: new Told(value => CancelAt(value, activity, stop)), cancellation: stop.Token);
    }

    private static void CancelAt(WorkProgress value, string activity, CancellationTokenSource stop)
    {
        if (value.Activity.StartsWith(activity, StringComparison.Ordinal))
        {
            stop.Cancel();
        }
    }

    private sealed class Told(Action<WorkProgress> tell) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => tell(value);
    }
}
