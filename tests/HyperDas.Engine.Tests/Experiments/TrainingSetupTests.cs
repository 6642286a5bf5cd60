using HyperDas.Engine.Experiments;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Training;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class TrainingSetupTests
{
    [Fact]
    public void The_last_word_counts_default_document_option_object_single_setting()
    {
        using ToyExperiment toy = new();
        TrainingSetup setup = new()
        {
            Run = toy.Read(),
            Layer = 1,
            MethodOption = options => (HypernetworkOptions)options with { FeatureDimension = 16 },
            TrainingOption = options => options with { BatchSize = 6, Epochs = 5 },
            Named = new Dictionary<string, object> { ["Epochs"] = 7 },
        };

        MethodSettings settings = setup.Settle();

        HypernetworkOptions network = Assert.IsType<HypernetworkOptions>(settings.Method);
        Assert.Equal((1, 16, 2, 1), (network.Layer, network.FeatureDimension, network.Reflections, network.Blocks));
        Assert.Equal((7, 6), (settings.Training.Epochs, settings.Training.BatchSize));
        Assert.Equal(MethodSettings.Of(InterpreterMethod.HyperDas, 1).Training.LearningRate, settings.Training.LearningRate);
        // Nothing was written over.
        Assert.Equal(settings, setup.Settle());
        Assert.Equal(4, setup.Run.Settings.Training.BatchSize);
    }

    [Fact]
    public void Options_of_a_document_are_no_other_methods_but_its_layer_is()
    {
        using ToyExperiment toy = new();

        MethodSettings settings = new TrainingSetup { Run = toy.Read(), Method = InterpreterMethod.Mdas }.Settle();

        Assert.Equal(MethodSettings.Of(InterpreterMethod.Mdas, 2), settings);
    }

    [Fact]
    public void The_originals_values_are_changed_by_what_is_said()
    {
        TrainingSetup setup = new() { Layer = 2, Faithful = true, TrainingOption = options => options with { Epochs = 9 } };

        Assert.Equal(
            MethodSettings.Of(InterpreterMethod.HyperDas, 2, faithful: true).Training with { Epochs = 9 }, setup.Settle().Training);
    }

    [Fact]
    public void A_layer_that_is_to_be_found_is_held_by_any_layer()
    {
        using ToyExperiment toy = new();
        TrainingSetup setup = new() { Run = toy.Read(), FindsLayer = true };

        Assert.True(setup.IsLayerOpen);
        Assert.Equal(TrainingSetup.AnyLayer, setup.Settle().Method.Layer);
        Assert.False((setup with { FindsLayer = false }).IsLayerOpen);
        Assert.Equal(2, (setup with { FindsLayer = false }).Settle().Method.Layer);
    }

    [Fact]
    public void What_is_out_of_range_is_refused_with_its_name()
    {
        TrainingSetup setup = new() { Layer = 2, Named = new Dictionary<string, object> { ["BatchSize"] = 0 } };

        HyperDasException error = Assert.Throws<HyperDasException>(() => setup.Settle());

        Assert.Equal("OptionInvalid", error.ErrorId);
        Assert.StartsWith("BatchSize is 0;", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_layer_is_found_for_an_interpreter_to_start_from()
    {
        using ToyExperiment toy = new();
        TrainingSetup setup = new() { Run = toy.Read() };
        using LanguageModel model = ExperimentInputs.Load(setup.Run.Settings.Target);
        using HyperDasInterpreter start = new(model, (HypernetworkOptions)setup.Settle().Method, seed: 1);
        TrainingSetup both = setup with { FindsLayer = true, From = TrainingStart.Of(start) };

        Assert.Equal("LayerInvalid", Assert.Throws<HyperDasException>(() => both.Settle()).ErrorId);
    }

    [Fact]
    public void The_interpreter_is_saved_where_a_folder_is_named()
    {
        using ToyExperiment toy = new();
        TrainingSetup setup = new() { Run = toy.Read(), OutputPath = Path.Combine(toy.Runs, "own") };
        setup = setup with { TrainingOption = options => options with { MaxSteps = 1 } };
        using LanguageModel model = ExperimentInputs.Load(setup.Run!.Settings.Target);

        TrainingResult trained = setup.Train(setup.Request(model, setup.Settle()));

        using Interpreter interpreter = (Interpreter)trained.Interpreter, saved = InterpreterStore.Load(setup.OutputPath!, model);
        Assert.Equal((1, interpreter.Method), (trained.Steps, saved.Method));
        Assert.Empty(trained.Layers);
    }

    [Fact]
    public void Results_go_where_the_document_says_unless_another_place_is_named()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        TrainingSetup document = new() { Run = run }, other = document with { OutputPath = toy.Runs };

        Assert.Equal((Path.Combine(run.Path, "interpreter"), Path.Combine(run.Path, "metrics.jsonl")), (document.Output, document.Metrics));
        Assert.Equal((toy.Runs, Path.Combine(toy.Runs, "metrics.jsonl")), (other.Output, other.Metrics));
        Assert.Equal("m", (other with { MetricsPath = "m" }).Metrics);
        Assert.Equal((null, null), (new TrainingSetup().Output, new TrainingSetup().Metrics));
    }

    [Fact]
    public void Examples_are_the_documents_unless_others_are_given()
    {
        using ToyExperiment toy = new();
        TrainingSetup setup = new() { Run = toy.Read() };
        using LanguageModel model = ExperimentInputs.Load(setup.Run.Settings.Target);
        RavelDataset given = TinyDataset.Create();

        TrainingRequest made = setup.Request(model, setup.Settle());

        Assert.Equal(given.Train, made.Dataset.Train);
        Assert.Equal(setup.Metrics, made.MetricsPath);
        Assert.Same(given, (setup with { Dataset = given }).Request(model, setup.Settle()).Dataset);
        Assert.Throws<InvalidOperationException>(() => (setup with { Run = null, Layer = 1 }).Request(model, setup.Settle()));
    }

    [Fact]
    public void Examples_are_tokenised_once_and_what_is_left_out_is_told_before()
    {
        using ToyExperiment toy = new();
        TrainingSetup setup = new() { Run = toy.Read() };
        using LanguageModel model = ExperimentInputs.Load(setup.Run.Settings.Target);
        RavelDataset tiny = TinyDataset.Create();
        RavelExample tooLong = tiny.Train[0] with { SourceSuffix = string.Concat(Enumerable.Repeat(" and on", 70)) };
        TrainingRequest request = (setup with { Dataset = tiny with { Train = [.. tiny.Train, tooLong] } })
            .Request(model, setup.Settle());

        Assert.Same(request, request.Tokenized());
        Assert.Same(request.Rows(CancellationToken.None), request.Settled().Rows(CancellationToken.None));
        Assert.NotSame(request.Rows(CancellationToken.None), (request with { Dataset = tiny }).Rows(CancellationToken.None));
        Assert.Equal(tiny.Train, request.Rows(CancellationToken.None).Usable.Select(row => row.Example));
        TrainingRemark told = TrainingRemark.Of(request)[0];
        Assert.True(told.IsWarning);
        Assert.Equal($"1 example is longer than 64 tokens; {tiny.Train.Count} of {tiny.Train.Count + 1} are used.", told.Text);
    }
}
