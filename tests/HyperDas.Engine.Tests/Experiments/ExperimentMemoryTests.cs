using HyperDas.Engine.Experiments;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Training;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.Memory;
using HyperDas.Engine.Training.Validation;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>What is predicted from an experiment's files is what would be predicted from the examples that they make.</summary>
public sealed class ExperimentMemoryTests(BundledCity city) : IClassFixture<BundledCity>
{
    private static readonly string s_quickstart = Path.Combine(SharedData.RepositoryRoot(), "configs", "quickstart.yaml");

    [Theory]
    [InlineData("training.wholePromptShare=0.5")]
    [InlineData("training.wholePromptShare=0")]
    public void Files_predict_what_the_examples_do(string setting)
    {
        Experiment experiment = Read(setting, "target.path=../tests/Fixtures/mini-llama-2026-11", "data.attributes=[Continent, Country]",
            "data.instructionStyle=concept",
            "data.trainPerAttribute=160", "data.valPerAttribute=60");

        MemoryPrediction fromFiles = new ExperimentMemory().Predict(experiment)!;
        IReadOnlyList<TokenizedExample> examples = JointTraining.Examples(
            new TrainingRequest(city.Model, city.Dataset, experiment.Method.Options!) { Options = experiment.Training });
        TokenizedExample[] looked =
        [
            .. ValidationPlan.Of(
                new RavelCollator(city.Model.Tokenizer).TokenizeUsable(city.Dataset.Val), experiment.Training, examples.Count,
                Trainer.TotalSteps(examples.Count, experiment.Training)).Rows.Select(row => row.Tokens),
        ];
        MemoryPrediction fromExamples = MemoryPredictor.Predict(
            city.Model, experiment.Method.Options!, examples, experiment.Training, looked);

        Assert.Equal((fromExamples.Runtime, fromExamples.Model, fromExamples.Interpreter),
            (fromFiles.Runtime, fromFiles.Model, fromFiles.Interpreter));
        Assert.InRange((double)fromFiles.Cache / fromExamples.Cache, 0.75, 1.35);
        Assert.InRange((double)fromFiles.Step / fromExamples.Step, 0.85, 1.35);
    }

    [Fact]
    public void What_is_looked_at_while_training_counts()
    {
        ExperimentMemory memory = new();
        const string Long = "training.epochs=20";

        MemoryPrediction none = memory.Predict(Read(Long, "training.validateEvery=0"))!, some = memory.Predict(
            Read(Long, "training.validateEvery=50"))!, more = memory.Predict(Read(Long, "training.validateEvery=200"))!;

        Assert.True(none.Cache < some.Cache && some.Cache < more.Cache, $"{none}; {some}; {more}");
        Assert.True(none.Examples < some.Examples && some.Examples < more.Examples);
        Assert.Equal(none.Step, more.Step);
        // As much again at most, however much there would be to keep.
        MemoryPrediction bounded = memory.Predict(Read(Long, "training.validateEvery=200", "training.cacheBytes=100000"))!;
        Assert.Equal(200000, bounded.Cache);
    }

    [Fact]
    public void One_measurement_serves_the_runs_of_a_sweep_and_another_dataset_gets_its_own()
    {
        ExperimentMemory memory = new();
        const string Blind = "training.validateEvery=0";

        MemoryPrediction small = memory.Predict(Read("training.batchSize=8", Blind))!, large = memory.Predict(
            Read("training.batchSize=64", Blind))!;
        MemoryPrediction verbs = memory.Predict(Read("training.batchSize=64", "data.domains=[verb]", Blind))!;

        Assert.Equal(small.Cache, large.Cache);
        Assert.InRange((double)large.Step / small.Step, 2, 8);
        Assert.NotEqual(large.Cache, verbs.Cache);
    }

    [Fact]
    public void A_limit_bounds_the_step_and_nothing_else()
    {
        ExperimentMemory memory = new();
        MemoryPrediction free = memory.Predict(Read())!;

        MemoryPrediction bounded = memory.Predict(Read("training.memoryLimit=30000000"))!;

        Assert.Equal(free with { Step = 30000000 }, bounded);
    }

    [Fact]
    public void Without_its_files_nothing_is_predicted()
    {
        Assert.Null(new ExperimentMemory().Predict(Read() with { Target = new ExperimentTarget { Path = "/no such folder" } }));
    }

    [Fact]
    public void A_training_beyond_the_machine_is_refused_with_its_parts()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(
            () => MemoryPredictor.ThrowIfTooLarge(new MemoryPrediction(1, 2, 3, 4, long.MaxValue / 8, 4, 5), target: 7));

        Assert.Equal(("MemoryInsufficient", HyperDasErrorKind.ResourceUnavailable), (error.ErrorId, error.Kind));
        Assert.Contains("interpreter", error.Message);
    }

    [Fact]
    public void Of_a_model_on_several_devices_it_knows_what_lies_on_each()
    {
        MemoryPrediction one = new ExperimentMemory().Predict(Read())!;

        MemoryPrediction spread = new ExperimentMemory().Predict(Read("target.device=cpu,cpu"))!;

        Assert.Empty(one.Devices);
        Assert.Equal(one.Total, spread.Total);
        Assert.Equal(5, spread.Devices.Sum(device => device.Blocks));
        Assert.InRange(spread.Devices[1].Bytes, spread.Model / 3, (spread.Model * 2 / 3) + spread.Step);
        Assert.InRange(
            spread.Devices.Sum(device => device.Bytes) - (spread.Model + spread.Interpreter + spread.Cache + spread.Step), -100, 100);
        Assert.EndsWith("MiB", spread.ToString(), StringComparison.Ordinal);
        Assert.Contains("; cpu (", spread.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8L << 30, null)]
    [InlineData(16L << 30, "On 'cuda:1', with 20 of the model's blocks, the training would take 11.6 GiB; the card has 10.0.")]
    public void Each_of_several_cards_must_have_room(long first, string? refusal)
    {
        DeviceMemory[] shares = [new("cuda:0", 12, 7L << 30), new("cuda:1", 20, 11L << 30)];
        long? MemoryOf(string name) => name == "cuda:0" ? first : refusal is null ? null : 10L << 30;

        Exception? error = Record.Exception(() => MemoryPredictor.ThrowIfTooLarge(shares, MemoryOf, target: 7));

        Assert.Equal(refusal is null, error is null);
        Assert.StartsWith(refusal ?? "", error?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_says_what_the_compact_default_would_take()
    {
        MemoryPrediction full = new(1, 2, 3, 4, long.MaxValue / 8, 4, 5), compact = new(0, 0, 0, 15L << 30, 3L << 30, 0, 0);

        string machine = Assert.Throws<HyperDasException>(() => MemoryPredictor.ThrowIfTooLarge(full, target: 7, compact)).Message;
        string card = Assert.Throws<HyperDasException>(
            () => MemoryPredictor.ThrowIfTooLarge(full, "cuda:0", 24L << 30, target: 7, compact)).Message;

        Assert.EndsWith("for such a target (AdapterRank omitted), it would take 18.0 GiB.", machine, StringComparison.Ordinal);
        // With the card's libraries.
        Assert.EndsWith("(AdapterRank omitted), it would take 18.6 GiB.", card, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8L << 30, false)]
    [InlineData(20L << 30, true)]
    public void What_lies_on_a_card_must_fit_there(long memory, bool fits)
    {
        // 15 GiB lie there; the process and its objects don't.
        MemoryPrediction prediction = new(
            Runtime: 30L << 30, Examples: 30L << 30, Kernels: 0, Model: 8L << 30, Interpreter: 4L << 30, Cache: 2L << 30, Step: 1L << 30);

        Exception? error = Record.Exception(() => MemoryPredictor.ThrowIfTooLarge(prediction, "cuda:1", memory, target: 7));

        Assert.Equal(fits, error is null);
        if (!fits)
        {
            Assert.Equal("MemoryInsufficient", Assert.IsType<HyperDasException>(error).ErrorId);
            Assert.Contains(
                "On 'cuda:1' the training would take 15.6 GiB (model 8.0, interpreter 4.0, cache 2.0, step 1.0); the card has 8.0. Use a smaller BatchSize",
                error.Message);
        }
    }

    private static Experiment Read(params string[] set) =>
        Assert.Single(ExperimentReader.Read(s_quickstart, new ExperimentReadOptions { Set = set })).Settings;
}
