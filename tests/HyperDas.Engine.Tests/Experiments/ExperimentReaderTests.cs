using HyperDas.Engine.Experiments;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class ExperimentReaderTests
{
    [Fact]
    public void What_a_document_leaves_out_has_the_defaults_of_the_records()
    {
        ExperimentRun run = Assert.Single(ExperimentFile.Read(ExperimentFile.Least));

        Assert.Equal("toy", run.Name);
        Assert.Equal(new TrainingOptions(), run.Settings.Training);
        Assert.Equal(new HypernetworkOptions { Layer = 3 }, run.Settings.Method.Options);
        Assert.Equal(new RavelBuildOptions(), run.Settings.Data.Pairs);
        Assert.Equal(RavelSplit.Test, run.Settings.Evaluation.Split);
        Assert.Empty(run.Values);
    }

    [Fact]
    public void The_folder_for_hidden_states_is_relative_to_the_document_and_in_the_run_folder_to_that()
    {
        using ExperimentFile file = new(
            ExperimentFile.Least.Replace("path: model", "path: model\n  cachePath: states", StringComparison.Ordinal));

        ExperimentRun run = Assert.Single(ExperimentReader.Read(file.Path, new ExperimentReadOptions { SkipFiles = true }));

        Assert.Equal(Path.Combine(file.Folder, "states"), run.Settings.Target.CachePath);
        Assert.Contains("cachePath: ../../states\n", run.Yaml);
        Assert.Contains("cachePath: null\n", Assert.Single(ExperimentFile.Read(ExperimentFile.Least)).Yaml);
    }

    [Fact]
    public void Values_of_every_kind_are_read()
    {
        Experiment read = ExperimentFile.Read(
            """
            name: Zürich 1
            description: "quoted: 東京 😀"
            seed: -7
            target:
              path: ../models/a b
              dtype: bfloat16
              device: cuda:1
            data:
              path: data
              domains: [city, verb]
              builder: ravel
              timeZoneDate: 2025-03-30
              attributes: Country
            method:
              layer: 15
              subspace: lowRank
              subspaceInner: 64
              symmetric: true
            training:
              epochs: 0
              maxSteps: 12
              learningRate: 4e-5
              sparsityCharge: wholeMass
              cacheBytes: 17179869184
            evaluation:
              modes: [soft, oneToOne]
              references: [noIntervention]
            outputs:
              interpreter: false
            """).Single().Settings;

        Assert.Equal(("Zürich 1", "quoted: 東京 😀", -7L), (read.Name, read.Description, read.Training.Seed));
        Assert.Equal((ModelDtype.BFloat16, "cuda:1"), (read.Target.Dtype, read.Target.Device));
        Assert.Equal(["city", "verb"], read.Data.Domains);
        Assert.Equal(new DateOnly(2025, 3, 30), read.Data.Instances!.TimeZoneDate);
        Assert.Equal(["Country"], read.Data.Instances.Attributes);
        HypernetworkOptions network = Assert.IsType<HypernetworkOptions>(read.Method.Options);
        Assert.Equal((SubspaceKind.LowRank, 64, true), (network.Subspace, network.SubspaceInner, network.Symmetric));
        Assert.Equal(
            (0, 12, 4e-5, 16L << 30), (read.Training.Epochs, read.Training.MaxSteps, read.Training.LearningRate, read.Training.CacheBytes));
        Assert.Equal(SparsityCharge.WholeMass, read.Training.SparsityCharge);
        Assert.Equal([SelectionMode.Soft, SelectionMode.OneToOne], read.Evaluation.Scoring.Modes);
        Assert.Equal([ReferenceMethod.NoIntervention], read.Evaluation.References);
        Assert.False(read.Outputs.Interpreter);
    }

    [Fact]
    public void Paths_are_relative_to_the_document()
    {
        using ExperimentFile file = new(ExperimentFile.Least + "\noutputs:\n  path: ../out");

        ExperimentRun run = ExperimentReader.Read(file.Path, new ExperimentReadOptions { SkipFiles = true }).Single();
        ExperimentRun elsewhere = ExperimentReader.Read(
            file.Path, new ExperimentReadOptions { SkipFiles = true, OutputPath = Path.GetTempPath() }).Single();

        Assert.Equal(Path.Combine(file.Folder, "model"), run.Settings.Target.Path);
        Assert.Equal(Path.Combine(Path.GetDirectoryName(file.Folder)!, "out"), run.Path);
        Assert.Equal(Path.TrimEndingDirectorySeparator(Path.GetTempPath()), elsewhere.Path);
    }

    [Fact]
    public void A_method_of_another_name_has_its_own_keys_and_training_defaults()
    {
        ExperimentRun run = ExperimentFile.Read(
            """
            target: { path: model }
            data: { path: data }
            method: { name: mdas, layer: 2, featureDimension: 8 }
            training: { batchSize: 4 }
            """).Single();

        Assert.Equal(new MdasOptions { Layer = 2, FeatureDimension = 8 }, run.Settings.Method.Options);
        Assert.Equal(MethodOptions.TrainingOf(InterpreterMethod.Mdas) with { BatchSize = 4 }, run.Settings.Training);
    }

    [Fact]
    public void Faithful_takes_the_originals_choices_and_keys_win_over_them()
    {
        ExperimentRun run = ExperimentFile.Read(
            """
            target: { path: model }
            data: { path: data }
            method: { faithful: true, layer: 15, blocks: 8 }
            training: { epochs: 5 }
            """).Single();

        Assert.Equal(new HypernetworkOptions { Layer = 15 }.Faithful() with { Blocks = 8 }, run.Settings.Method.Options);
        Assert.Equal(new TrainingOptions().Faithful() with { Epochs = 5 }, run.Settings.Training);
    }

    [Theory]
    [InlineData("cpu,cpu", true)]
    [InlineData("cuda:0, cuda:1", true)]
    [InlineData("cuda, cuda:1, cuda:2", true)]
    [InlineData("cpu,cuda", false)]
    [InlineData("cuda:0,", false)]
    [InlineData("cuda:0;cuda:1", false)]
    public void Devices_are_of_one_kind(string devices, bool right)
    {
        string text =
            $$"""
            target: { path: model, device: "{{devices}}" }
            data: { path: data }
            method: { layer: 15 }
            """;

        if (right)
        {
            Assert.Equal(devices, Assert.Single(ExperimentFile.Read(text)).Settings.Target.Device);
        }
        else
        {
            Assert.Contains("target.device", Assert.Single(ExperimentFile.Wrong(text)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Everything_wrong_is_told_at_once_with_its_place()
    {
        string[] wrong = ExperimentFile.Wrong(
            """
            target:
              device: gpu
            data:
              path: data
              domain: city
            method:
              layer: three
              blocks: 0
            training:
              epocs: 5
              learningRate: 0
              decayFrom: 1.5
              groupByLength: "true"
              maxSteps: 99999999999
            evaluation:
              modes: [soft, hard]
              dialects: []
            outputs: everything
            """);

        Assert.Equal(
            [
                "1,1 target.path: ",
                "2,11 target.device: gpu",
                "5,3 data.domain: city",
                "7,10 method.layer: three",
                "8,11 method.blocks: 0",
                "10,3 training.epocs: 5",
                "11,17 training.learningRate: 0",
                "12,14 training.decayFrom: 1.5",
                "13,18 training.groupByLength: true",
                "14,13 training.maxSteps: 99999999999",
                "16,17 evaluation.modes: hard",
                "17,13 evaluation.dialects: []",
                "18,10 outputs: everything",
            ],
            wrong);
    }

    [Theory]
    [InlineData("training: { epocs: 5 }", "did you mean 'epochs'?")]
    [InlineData("training: { layer: 5 }", "belongs under 'method'")]
    [InlineData("training: { seed: 5 }", "'seed' at the top")]
    [InlineData("trainig: { epochs: 5 }", "did you mean 'training'?")]
    [InlineData("training: { groupByLength: 'true' }", "Remove the quotes.")]
    [InlineData("training: { epochs: -1 }", "it must be a whole number, at least 0")]
    [InlineData("training: { decayFrom: 2 }", "it must be a number from 0 to 1")]
    [InlineData("training: { learningRate: .nan }", "it must be a number above 0")]
    [InlineData("training: { epochs: }", "The value is missing")]
    [InlineData("training: { epochs: 1e1 }", "a whole number")]
    [InlineData("evaluation: { split: tests }", "it must be one of train, val, test")]
    [InlineData("evaluation: { timeZoneDate: 2024-13-01 }", "a date like 2024-01-15")]
    [InlineData("name: ../up", "a valid folder name")]
    [InlineData("name: 'a:b'", "a valid folder name")]
    [InlineData("sweep: { layer: [1, 2] }", "did you mean 'method.layer'?")]
    [InlineData("sweep: { method.layer: 1 }", "it must be a list of values")]
    [InlineData("sweep: { method.layer: [1, 1] }", "occurs twice")]
    [InlineData("sweep: { name: [a, b] }", "can't be swept")]
    public void A_message_says_what_would_be_right(string lines, string expected)
    {
        ExperimentIssue issue = Assert.Single(ExperimentFile.Issues(ExperimentFile.Least + "\n" + lines));

        Assert.Contains(expected, issue.Message);
        Assert.Equal(7, issue.Line);
    }

    [Theory]
    [InlineData("method: { name: mdas, layer: 1, blocks: 2 }", "'blocks' doesn't apply to mdas, only to hyperDas.")]
    [InlineData("method: { name: mdas, layer: 1, faithful: true }", "'faithful' doesn't apply to mdas, only to hyperDas.")]
    [InlineData("method: { layer: 1, allEntities: true }", "'allEntities' doesn't apply to hyperDas, only to pca, sae, rlap.")]
    [InlineData("training: { learningRate: 0.1 }\nmethod: { name: mdas, layer: 1 }",
        "'learningRate' doesn't apply to mdas, only to hyperDas. Remove it.")]
    [InlineData("training: { epochs: 2 }\nmethod: { name: pca, layer: 1 }",
        "'epochs' doesn't apply to pca, only to hyperDas, mdas, das, dbm. Remove it.")]
    [InlineData("method: { layer: 0 }", "allows only subspace None")]
    [InlineData("method: { blocks: 1 }", "The key 'layer' of 'method' is missing")]
    public void Keys_of_other_methods_and_impossible_layers_are_told(string method, string expected)
    {
        ExperimentIssue issue = Assert.Single(ExperimentFile.Issues($"target: {{ path: m }}\ndata: {{ path: d }}\n{method}"));

        Assert.Contains(expected, issue.Message);
        Assert.Equal(3, issue.Line);
    }

    [Fact]
    public void Too_few_examples_for_training_or_scoring_are_told()
    {
        string[] wrong = ExperimentFile.Wrong(
            "target: { path: m }\ndata: { path: d, trainPerAttribute: 1, valPerAttribute: 0 }\nmethod: { layer: 1 }\nevaluation: { split: val }");

        Assert.Equal(["2,37 data.trainPerAttribute: 1", "2,57 data.valPerAttribute: 0"], wrong);
    }

    [Fact]
    public void A_setting_of_the_command_line_wins_and_goes_through_the_same_checks()
    {
        ExperimentRun run = ExperimentFile.Read(
            ExperimentFile.Least, "training.epochs=2", "data.domains=[city, verb]", "seed=5", "training.maxSteps=").Single();

        Assert.Equal((2, 5L, null), (run.Settings.Training.Epochs, run.Settings.Training.Seed, run.Settings.Training.MaxSteps));
        Assert.Equal(["city", "verb"], run.Settings.Data.Domains);
        Assert.Equal(
            ["-Set 1,1 : training.epochs", "-Set 2,17 training.epochs: two", "-Set 3,1 training.epoch: 1", "-Set 4,6 seed: "],
            ExperimentFile.Wrong(ExperimentFile.Least, "training.epochs", "training.epochs=two", "training.epoch=1", "seed=[1"));
    }

    [Fact]
    public void A_missing_file_is_told_without_reading()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => ExperimentReader.Read("no such.yaml"));

        Assert.Equal("PathNotFound", error.ErrorId);
    }

    [Fact]
    public void The_resolved_document_gives_the_same_settings_again()
    {
        using ExperimentFile file = new(
            ExperimentFile.Least + "\ndescription: \"yes\\n# 東京 😀 \\\"\"\nevaluation: { modes: [global] }\nseed: 12");
        ExperimentReadOptions options = new() { SkipFiles = true };
        ExperimentRun run = ExperimentReader.Read(file.Path, options).Single();
        Directory.CreateDirectory(run.Path);
        string resolved = Path.Combine(run.Path, "experiment.yaml");
        File.WriteAllText(resolved, run.Yaml);

        ExperimentRun again = ExperimentReader.Read(resolved, options).Single();

        Assert.Equal(run.Yaml, again.Yaml);
        Assert.Equal(run.Path, again.Path);
        Assert.Equal(run.Settings.Description, again.Settings.Description);
        Assert.Equal((run.Settings.Target, run.Settings.Training, run.Settings.Method),
            (again.Settings.Target, again.Settings.Training, again.Settings.Method));
        Assert.DoesNotContain(file.Folder, run.Yaml);
    }
}
