using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class ExperimentRunnerTests
{
    [Fact]
    public void A_run_leaves_its_settings_metrics_scores_and_interpreter()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();

        ExperimentResult result = Run(run);

        Assert.Equal(run.Yaml, File.ReadAllText(Path.Combine(run.Path, "experiment.yaml")));
        Assert.Equal(result.Steps, File.ReadAllLines(Path.Combine(run.Path, "metrics.jsonl")).Length);
        Assert.True(File.Exists(Path.Combine(run.Path, "tensorboard", TensorBoardLog.FileName)));
        Assert.Equal(["HyperDas", "FullSwap"], result.Scores.Select(s => s.Method).Distinct());
        Assert.Equal([SelectionMode.Soft, SelectionMode.OneToOne],
            result.Scores.Where(s => s.Method == "HyperDas").Select(s => s.SelectionMode).Distinct());
        Assert.False(result.WasFinished);
        Assert.Equal(
            (RavelScore.All, SelectionMode.Soft, "HyperDas"), (result.Mean.Attribute, result.Mean.SelectionMode, result.Mean.Method));
        using LanguageModel model = LanguageModel.Load(run.Settings.Target.Path);
        using Interpreter interpreter = InterpreterStore.Load(Path.Combine(run.Path, "interpreter"), model);
        Assert.Equal(2, interpreter.Layer);
    }

    [Fact]
    public void The_model_is_checked_first_and_the_results_are_kept()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();

        ExperimentResult result = Run(run);

        Assert.Equal(result.ModelChecks, ModelCheckFile.Read(Path.Combine(run.Path, "model-check.json")));
        Assert.All(result.ModelChecks.Where(c => c.Required), c => Assert.True(c.Passed, c.ToString()));
        Assert.Contains(result.ModelChecks, c => c.Name == "FactsKnown" && !c.Passed);
        Assert.Equal(result.ModelChecks, Run(run).ModelChecks);
    }

    [Fact]
    public void Nothing_is_trained_on_a_model_that_fails_its_checks()
    {
        using TemporaryFolder folder = new();
        using ToyExperiment toy = new();
        string model = Path.Combine(folder.Path, "damaged");
        Directory.CreateDirectory(model);
        string source = Path.Combine(SharedData.RepositoryRoot(), "tests", "Fixtures", "toy");
        Array.ForEach(Directory.GetFiles(source), file => File.Copy(file, Path.Combine(model, Path.GetFileName(file))));
        DamageWeights(Path.Combine(model, "model.safetensors"));
        ExperimentRun run = toy.Read($"target.path={model}");

        HyperDasException error = Assert.Throws<HyperDasException>(() => Run(run));

        Assert.Equal("ModelCheckFailed", error.ErrorId);
        Assert.Equal("FiniteWeights", Assert.IsType<ModelCheck>(error.Target).Name);
        Assert.Contains("'model.norm.weight'", error.Message, StringComparison.Ordinal);
        Assert.Contains(ModelCheckFile.Read(Path.Combine(run.Path, "model-check.json")), c => !c.Passed && c.Required);
        Assert.False(File.Exists(Path.Combine(run.Path, "metrics.jsonl")));
        Assert.False(Directory.Exists(Path.Combine(run.Path, "state")));
    }

    [Fact]
    public void The_same_document_gives_the_same_scores_byte_for_byte()
    {
        using ToyExperiment one = new(), two = new();

        Run(one.Read());
        Run(two.Read());

        Assert.Equal(Scores(one.Runs), Scores(two.Runs));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(one.Runs, "metrics.jsonl")), File.ReadAllBytes(Path.Combine(two.Runs, "metrics.jsonl")));
    }

    [Fact]
    public void The_resolved_document_of_a_run_gives_its_scores_again()
    {
        using ToyExperiment toy = new();
        Run(toy.Read());
        string again = Path.Combine(toy.Runs, "again");

        Run(ExperimentReader.Read(Path.Combine(toy.Runs, "experiment.yaml"), new ExperimentReadOptions { OutputPath = again }).Single());

        Assert.Equal(Scores(toy.Runs), Scores(again));
    }

    [Fact]
    public void The_manifest_names_versions_and_hashes_but_no_path()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        Run(run);
        string text = File.ReadAllText(Path.Combine(run.Path, "manifest.json"));

        JsonElement manifest = JsonDocument.Parse(text).RootElement;

        Assert.Equal(64, manifest.GetProperty("configSha256").GetString()!.Length);
        Assert.Equal(64, manifest.GetProperty("data").GetProperty("sha256").GetString()!.Length);
        Assert.NotEmpty(manifest.GetProperty("model").GetProperty("fingerprint").GetString()!);
        Assert.Equal(Environment.Version.ToString(), manifest.GetProperty("versions").GetProperty("dotnet").GetString());
        Assert.Equal(1, manifest.GetProperty("seed").GetInt64());
        Assert.NotEqual(JsonValueKind.Null, manifest.GetProperty("finished").ValueKind);
        Assert.DoesNotContain(Path.GetDirectoryName(toy.Document)!, text);
        Assert.DoesNotContain(SharedData.RepositoryRoot(), text);
        Assert.DoesNotContain(Environment.MachineName, text);
        Assert.DoesNotContain(Environment.UserName + "/", text);
    }

    [Fact]
    public void A_finished_run_is_not_repeated_without_force()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        ExperimentResult first = Run(run);
        DateTime written = File.GetLastWriteTimeUtc(Path.Combine(run.Path, "metrics.jsonl"));

        ExperimentResult second = Run(run);
        Assert.True(second.WasFinished);
        Assert.Equal(first.Scores, second.Scores);
        Assert.Equal((first.Steps, first.Duration), (second.Steps, second.Duration));
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(run.Path, "metrics.jsonl")));

        Assert.False(Run(run, force: true).WasFinished);
        Assert.NotEqual(written, File.GetLastWriteTimeUtc(Path.Combine(run.Path, "metrics.jsonl")));
    }

    [Fact]
    public void A_folder_with_other_settings_is_refused_and_replaced_with_force()
    {
        using ToyExperiment toy = new();
        Run(toy.Read());
        File.WriteAllText(Path.Combine(toy.Runs, "notes.txt"), "mine");
        ExperimentRun other = toy.Read("training.batchSize=3");

        HyperDasException error = Assert.Throws<HyperDasException>(() => Run(other));

        Assert.Equal("OutputExists", error.ErrorId);
        Assert.Contains("'batchSize: 4' there, 'batchSize: 3' here", error.Message);
        Assert.False(Run(other, force: true).WasFinished);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(toy.Runs, "notes.txt")));
    }

    [Fact]
    public void A_cancelled_run_goes_on_where_it_was_and_ends_the_same()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        using CancellationTokenSource stop = new();
        StopAt progress = new(stop, "Training");

        using (ExperimentRunner runner = new())
        {
            Assert.Throws<OperationCanceledException>(() => runner.Run(run, progress: progress, cancellation: stop.Token));
        }

        Assert.False(File.Exists(Path.Combine(run.Path, "scores.json")));
        using ToyExperiment whole = new();
        Run(whole.Read());
        SeenProgress rest = new();
        using (ExperimentRunner runner = new())
        {
            Assert.False(runner.Run(run, progress: rest).WasFinished);
        }
        Assert.StartsWith("step 2 of", rest.Seen.First(p => p.Activity.StartsWith("Training", StringComparison.Ordinal)).Status);
        Assert.Equal(Scores(whole.Runs), Scores(toy.Runs));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(whole.Runs, "metrics.jsonl")), File.ReadAllBytes(Path.Combine(toy.Runs, "metrics.jsonl")));
        Assert.False(Directory.Exists(Path.Combine(toy.Runs, "state")));
    }

    // The machine that goes on may have other instructions than the one that began: the toy is stored in float32 and held so everywhere.
    [Fact]
    public void A_run_goes_on_with_the_number_formats_that_it_began_with()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        using CancellationTokenSource stop = new();
        using (ExperimentRunner runner = new())
        {
            Assert.Throws<OperationCanceledException>(
                () => runner.Run(run, progress: new StopAt(stop, "Training"), cancellation: stop.Token));
        }
        Assert.Equal("Float32", Model(run).GetProperty("dtype").GetString(), ignoreCase: true);
        BeginInBFloat16(Path.Combine(run.Path, "state", "state.safetensors"));

        Run(run);

        Assert.Equal("BFloat16", Model(run).GetProperty("dtype").GetString(), ignoreCase: true);
        Assert.True(File.Exists(Path.Combine(run.Path, "scores.json")));
    }

    [Fact]
    public void A_sweep_goes_on_with_its_unfinished_runs_and_shares_model_and_data()
    {
        using ToyExperiment toy = new(more: "sweep: { seed: [1, 2, 3] }");
        IReadOnlyList<ExperimentRun> runs = toy.ReadAll();
        Run(runs[1]);
        List<string> reported = [];
        SeenProgress progress = new();
        using ExperimentRunner runner = new((_, result) => reported.Add(result.Name));

        bool[] before = [.. runs.Select(r => runner.Run(r, progress: progress).WasFinished)];

        Assert.Equal([false, true, false], before);
        // The second was finished by somebody who writes no reports.
        Assert.Equal(["toy/seed-1", "toy/seed-2", "toy/seed-3"], reported);
        Assert.Equal(1, progress.Seen.Count(p => p.Activity.StartsWith("Loading", StringComparison.Ordinal) && p.Completed == p.Total));
        using ToyExperiment alone = new();
        Run(alone.Read("seed=3"));
        Assert.Equal(Scores(alone.Runs), Scores(runs[2].Path));
    }

    [Theory]
    [InlineData("interpreter/weights.bin")]
    [InlineData("scores.json")]
    [InlineData("state/thesis.tex")]
    public void Files_that_no_run_has_left_are_neither_read_nor_removed_by_force(string name)
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        string file = Path.Combine(run.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "years of work");

        foreach (bool force in (bool[])[false, true])
        {
            HyperDasException error = Assert.Throws<HyperDasException>(() => Run(run, force));
            Assert.Equal("OutputExists", error.ErrorId);
            Assert.Contains(name.Split('/')[0], error.Message, StringComparison.Ordinal);
        }
        Assert.Equal("years of work", File.ReadAllText(file));
    }

    [Fact]
    public void A_second_process_on_a_run_gets_a_clear_error()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();

        using (FolderLock.Take(run.Path, "RunLocked", "run"))
        {
            Assert.Equal("RunLocked", Assert.Throws<HyperDasException>(() => Run(run)).ErrorId);
        }

        Assert.False(Run(run).WasFinished);
    }

    [Theory]
    [InlineData("{ name: mdas, layer: 2, featureDimension: 8 }")]
    [InlineData("{ name: dbm, layer: 2 }")]
    public void Other_methods_run_and_score_one_mode(string method)
    {
        using ToyExperiment toy = new(method);

        ExperimentResult result = Run(toy.Read());

        Assert.Equal([SelectionMode.Soft], result.Scores.Select(s => s.SelectionMode).Distinct());
        Assert.True(result.Steps > 0);
    }

    [Fact]
    public void Untrained_and_without_extras_leaves_scores_alone()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read("training.epochs=0", "outputs.interpreter=false", "outputs.tensorBoard=false");

        Assert.Equal(0, Run(run).Steps);
        Assert.False(Directory.Exists(Path.Combine(run.Path, "interpreter")));
        Assert.False(Directory.Exists(Path.Combine(run.Path, "tensorboard")));
    }

    private static JsonElement Model(ExperimentRun run) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(run.Path, "manifest.json"))).RootElement.GetProperty("model");

    private static void BeginInBFloat16(string file)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = [];
        StateHeader header;
        using (SafetensorsFile read = SafetensorsFile.Open(file))
        {
            header = StateHeader.Read(read.Metadata, file);
            foreach (string name in read.Entries.Keys)
            {
                tensors.Add(name, read.Load(name));
            }
        }
        Dictionary<string, string> began = new(header.Fingerprint) { ["Dtype"] = "BFloat16", ["ComputeDtype"] = "Float32" };
        SafetensorsWriter.Write(file, [.. tensors], (header with { Fingerprint = began }).ToMetadata());
    }

    private static void DamageWeights(string file)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = [];
        using (SafetensorsFile read = SafetensorsFile.Open(file))
        {
            foreach (string name in read.Entries.Keys)
            {
                weights.Add(name, read.Load(name));
            }
        }
        weights["model.norm.weight"][0].fill_(float.NaN);
        SafetensorsWriter.Write(file, [.. weights]);
    }

    private static ExperimentResult Run(ExperimentRun run, bool force = false)
    {
        using ExperimentRunner runner = new();
        return runner.Run(run, force);
    }

    private static byte[] Scores(string folder) => File.ReadAllBytes(Path.Combine(folder, "scores.json"));

    private sealed class StopAt(CancellationTokenSource stop, string activity) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Activity.StartsWith(activity, StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        }
    }
}
