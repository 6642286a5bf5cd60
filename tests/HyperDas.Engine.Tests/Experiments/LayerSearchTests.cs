using System.Text.Json;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Layers;
using HyperDas.Engine.Experiments.Runs;
using HyperDas.Engine.Files;
using HyperDas.Engine.Training.States;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>Finding the layer of a training by full swaps and short trainings.</summary>
public sealed class LayerSearchTests
{
    private const string Found = "{ layer: auto, featureDimension: 8, reflections: 2, blocks: 1 }";

    [Theory]
    [InlineData(5, 400, new[] { 5, 3, 2 }, new[] { 36, 72, 180 })]
    [InlineData(3, 400, new[] { 3, 2 }, new[] { 72, 180 })]
    [InlineData(2, 30, new[] { 2 }, new[] { 13 })]
    [InlineData(5, 60, new[] { 5, 2 }, new[] { 10, 27 })]
    [InlineData(3, 30, new[] { 3, 2 }, new[] { 10, 13 })]
    [InlineData(3, 20, new[] { 3 }, new[] { 10 })]
    [InlineData(2, 6, new[] { 2 }, new[] { 6 })]
    [InlineData(1, 400, new int[0], new int[0])]
    [InlineData(5, 0, new int[0], new int[0])]
    public void The_field_is_halved_while_the_trainings_grow(int field, int whole, int[] fields, int[] steps)
    {
        IReadOnlyList<LayerRound> rounds = LayerRound.Of(field, whole);

        Assert.Equal(fields, rounds.Select(round => round.Field));
        Assert.Equal(steps, rounds.Select(round => round.Steps!.Value));
    }

    [Theory]
    [InlineData(5, 0.4)]
    [InlineData(32, 0.12)]
    [InlineData(80, 0.06)]
    public void A_search_trains_a_part_of_the_sweep_that_shrinks_with_its_layers(int layers, double most)
    {
        const int Whole = 10_000;

        double share = LayerRound.Of(layers, Whole).Sum(round => round.Field * (double)round.Steps!.Value) / (layers * Whole);

        Assert.InRange(share, 0.01, most);
    }

    [Fact]
    public void A_training_that_has_begun_to_learn_is_better_than_one_that_changes_nothing()
    {
        LayerTrial idle = new(62, 2, 98), learning = new(62, 30, 55), nothing = new(62, 0, 100), neither = new(62, 0, 0);

        Assert.True(learning.Balance > idle.Balance && learning.Disentangle < idle.Disentangle);
        Assert.Equal((0, 0), (nothing.Balance, neither.Balance));
        Assert.Equal(2 * 30 * 55 / 85.0, learning.Balance, 1e-9);
    }

    [Fact]
    public void A_document_says_auto_and_so_does_its_resolved_form()
    {
        ExperimentRun run = ExperimentFile.Read(ExperimentFile.Least, "method.layer=auto").Single();

        Assert.True(run.Settings.Method.FindsLayer);
        Assert.Equal("HyperDas at layer auto", run.Method);
        Assert.Contains("\n  layer: auto\n", run.Yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("method.layer=-1", "-1 is out of range; it must be a whole number, at least 0, or auto.")]
    [InlineData("method.layer=automatic", "'automatic' isn't valid; it must be a whole number, at least 0, or auto.")]
    [InlineData("method.featureDimension=auto", "'auto' isn't valid")]
    public void Only_a_layer_is_found_and_only_by_that_word(string set, string message) =>
        Assert.StartsWith(message, Assert.Single(ExperimentFile.Issues(ExperimentFile.Least, set)).Message);

    [Fact]
    public void A_layer_is_not_found_without_validation_examples() =>
        Assert.Equal(
            "data.valPerAttribute",
            Assert.Single(ExperimentFile.Issues(ExperimentFile.Least, "method.layer=auto", "data.valPerAttribute=0")).Key);

    [Fact]
    public void A_run_finds_its_layer_trains_there_and_keeps_the_evidence()
    {
        using ToyExperiment toy = new(Found);
        ExperimentRun run = toy.Read();

        ExperimentResult result = Run(run);

        Assert.Equal(Enumerable.Range(1, result.Layers.Count), result.Layers.Select(layer => layer.Place));
        Assert.Equal([1, 2, 3], result.Layers.Select(layer => layer.Layer).Order());
        Assert.Null(result.Layers[0].LeftOut);
        Assert.All(result.Layers.Skip(1), layer => Assert.False(string.IsNullOrEmpty(layer.LeftOut)));
        Assert.All(result.Layers, layer => Assert.True(layer.ProcessorTime > TimeSpan.Zero));
        Assert.All(result.Scores.Where(score => score.Method == "HyperDas"), score => Assert.Equal(result.Layers[0].Layer, score.Layer));
        JsonElement first = JsonDocument.Parse(File.ReadAllText(Path.Combine(run.Path, "manifest.json"))).RootElement
            .GetProperty("layers")[0];
        Assert.Equal(result.Layers[0].Layer, first.GetProperty("layer").GetInt32());
        Assert.Equal(run.Yaml, File.ReadAllText(Path.Combine(run.Path, "experiment.yaml")));
        Assert.Single(RunSearch.Find(toy.Runs));

        ExperimentResult again = Run(run);

        Assert.True(again.WasFinished);
        Assert.Equal(result.Layers.Select(Told), again.Layers.Select(Told));
    }

    [Fact]
    public void The_same_settings_give_the_same_evidence_and_a_stopped_search_goes_on_to_it()
    {
        using ToyExperiment one = new(Found), two = new(Found);
        LayerCandidate[] whole = [.. Find(one.Read(), layers: [1, 2])];

        int stops = 0;
        IReadOnlyList<LayerCandidate>? found = null;
        while (found is null)
        {
            try
            {
                // Each attempt is stopped a little later: in the swaps, then in each training.
                found = Find(two.Read(), layers: [1, 2], reports: 6 + (9 * stops));
            }
            catch (OperationCanceledException)
            {
                stops++;
            }
        }

        Assert.InRange(stops, 2, 100);
        Assert.Equal(whole.Select(Told), found.Select(Told));
    }

    [Fact]
    public void The_rounds_are_documents_whose_runs_can_be_looked_at()
    {
        using ToyExperiment toy = new(Found);
        ExperimentRun run = toy.Read();
        LayerCandidate best = Find(run, layers: [2, 3])[0];

        string document = Directory.GetFiles(Path.Combine(run.Path, "layers"), "steps-*.yaml").Order().Last();
        IReadOnlyList<ExperimentRun> read = ExperimentReader.Read(document);
        ExperimentStatus[] runs = [.. read.Select(RunStatus.Read)];

        Assert.All(read, trial => Assert.Equal((false, 0), (trial.Settings.Training.KeepBest, trial.Settings.Training.ValidateEvery)));
        Assert.All(runs, status => Assert.Equal(ExperimentState.Finished, status.State));
        ExperimentStatus own = Assert.Single(runs, status => status.Values["method.layer"] == $"{best.Layer}");
        Assert.Equal((best.Cause, best.Isolate, best.Trials[^1].Steps), (own.Cause, own.Isolate, own.Step!.Value));
    }

    [Fact]
    public void A_search_with_other_settings_is_refused_unless_it_is_forced()
    {
        using ToyExperiment toy = new(Found);
        Find(toy.Read(), layers: [1, 2]);

        HyperDasException error = Assert.Throws<HyperDasException>(() => Find(toy.Read("seed=5"), layers: [1, 2]));

        Assert.Equal("OutputExists", error.ErrorId);
        Assert.Contains("'seed: 1' there, 'seed: 5' here", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Find(toy.Read("seed=5"), layers: [1, 2], force: true).Count);
    }

    [Fact]
    public void A_layer_that_the_model_does_not_have_is_refused()
    {
        using ToyExperiment toy = new(Found);

        Assert.Equal("LayerInvalid", Assert.Throws<HyperDasException>(() => Find(toy.Read(), layers: [2, 99])).ErrorId);
    }

    [Fact]
    public void Where_every_training_diverges_no_layer_is_chosen()
    {
        using ToyExperiment toy = new(Found);

        Assert.Equal(
            "TrainingDiverged",
            Assert.Throws<HyperDasException>(() => Find(toy.Read("training.learningRate=1e30"), layers: [1, 2])).ErrorId);
    }

    [Theory]
    [InlineData("[{\"layer\":1,\"cause\":101,\"processorSeconds\":0}]")]
    [InlineData("[{\"layer\":1,\"cause\":1,\"processorSeconds\":0},{\"layer\":1,\"cause\":1,\"processorSeconds\":0}]")]
    [InlineData("[{\"layer\":1}]")]
    [InlineData("{}")]
    public void Damaged_evidence_is_told(string text)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("swaps.json", text);

        HyperDasException error = Assert.Throws<HyperDasException>(() => LayerSwap.Read(file));

        Assert.Equal("LayersCorrupt", error.ErrorId);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_on_a_search_counts_for_a_scheduler_that_asks_what_an_attempt_made()
    {
        using ToyExperiment toy = new(Found);
        ExperimentRun run = toy.Read();
        using CancellationTokenSource stop = new();
        Reports until = new(stop, "round 1");

        using (ExperimentRunner runner = new())
        {
            Assert.ThrowsAny<OperationCanceledException>(() => runner.Run(run, progress: until, cancellation: stop.Token));
        }

        AttemptLine end = AttemptFile.Read(Path.Combine(run.Path, RunFolder.AttemptsFile))[^1];
        Assert.Equal(AttemptEvent.Stopped, end.Event);
        Assert.True(end.Made > 0, "an attempt that found out what swaps do would be given up");
    }

    [Fact]
    public async Task Searches_in_the_same_folder_share_the_work_and_find_the_same()
    {
        using ToyExperiment one = new(Found), two = new(Found);
        LayerCandidate[] alone = [.. Find(one.Read())];
        ExperimentRun run = two.Read();

        Task<IReadOnlyList<LayerCandidate>>[] together = [Task.Run(() => Find(run)), Task.Run(() => Find(run))];

        Assert.All(await Task.WhenAll(together), found => Assert.Equal(alone.Select(Told), found.Select(Told)));
        string[] attempts = Directory.GetFiles(Path.Combine(run.Path, "layers"), RunFolder.AttemptsFile, SearchOption.AllDirectories);
        Assert.Equal(alone.Sum(layer => layer.Trials.Count), attempts.Length);
        Assert.All(attempts, file => Assert.Equal(1, AttemptFile.Read(file)[^1].Attempt));
    }

    [Fact]
    public void A_helper_does_what_it_finds_and_leaves_when_fewer_layers_are_left_than_there_are_helpers()
    {
        using ToyExperiment toy = new(Found);
        ExperimentRun run = toy.Read();
        using ExperimentRunner runner = new();

        runner.HelpFindLayer(run, layers: null, worker: 3);

        Assert.False(Directory.Exists(run.Path), "the toy has three layers, so there is nothing for a third helper");

        runner.HelpFindLayer(run, layers: null, worker: 1);

        AttemptLine end = AttemptFile.Read(Path.Combine(run.PlanPath, "workers", "0.1", RunFolder.AttemptsFile))[^1];
        Assert.Equal(AttemptEvent.Finished, end.Event);
        Assert.True(end.Made > 0);
        Assert.Equal(ExperimentState.Missing, RunStatus.Read(run).State);
        string[] before = Files();

        ExperimentResult result = runner.Run(run);

        Assert.Equal(before, Files());
        Assert.Equal([1, 2, 3], result.Layers.Select(layer => layer.Layer).Order());

        runner.HelpFindLayer(run, layers: null, worker: 1);

        Assert.Equal(1, AttemptFile.Read(Path.Combine(run.PlanPath, "workers", "0.1", RunFolder.AttemptsFile))[^1].Attempt);

        // What the helper has done isn't done again.
        string[] Files() => [.. Directory.GetFiles(Path.Combine(run.Path, "layers"), "scores.json", SearchOption.AllDirectories)
            .Select(file => $"{file} {File.GetLastWriteTimeUtc(file):O}").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void A_search_is_not_begun_anew_while_another_process_is_at_it()
    {
        using ToyExperiment toy = new(Found);
        ExperimentRun run = toy.Read();
        Find(run, layers: [1, 2]);
        using FolderLock other = FolderLock.Share(Path.Combine(run.Path, "layers"), "RunLocked", "search for a layer");

        Assert.Equal("RunLocked", Assert.Throws<HyperDasException>(() => Find(run, layers: [1, 2], force: true)).ErrorId);
        Assert.Equal(2, Find(run, layers: [1, 2]).Count);
    }

    // What must be the same, however often it was stopped; times aren't.
    private static string Told(LayerCandidate layer) =>
        $"{layer.Place} {layer.Layer} {layer.SwapCause} {string.Join('/', layer.Trials)} {layer.LeftOut}";

    private static ExperimentResult Run(ExperimentRun run)
    {
        using ExperimentRunner runner = new();
        return runner.Run(run);
    }

    private static IReadOnlyList<LayerCandidate> Find(
        ExperimentRun run, int[]? layers = null, bool force = false, int reports = int.MaxValue)
    {
        using CancellationTokenSource stop = new();
        using ExperimentRunner runner = new(interval: new CheckpointInterval { Steps = 1 });
        return runner.FindLayer(run, layers, force, new Reports(stop, most: reports), stop.Token);
    }

    private sealed class Reports(CancellationTokenSource stop, string? word = null, int most = int.MaxValue) : IProgress<WorkProgress>
    {
        private int _count;

        public void Report(WorkProgress value)
        {
            if (++_count > most || (word is not null && value.Activity.Contains(word, StringComparison.Ordinal)))
            {
                stop.Cancel();
            }
        }
    }
}
