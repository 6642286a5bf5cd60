using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using Xunit;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training;

public sealed class FixedMethodTrainingTests(BundledCity city) : IClassFixture<BundledCity>
{
    private const int Layer = 3;

    // Doing nothing has no cause, a full swap no isolate. After a few examples the trained methods have both; the fitted ones swap much.
    public static TheoryData<FixedMethodOptions, double, double> Methods => new()
    {
        { new MdasOptions { Layer = Layer, FeatureDimension = 16 }, 25, 25 },
        { new DasOptions { Layer = Layer, FeatureDimension = 16 }, 40, 0 },
        { new DbmOptions { Layer = Layer }, 10, 10 },
        { new PcaOptions { Layer = Layer, ProbeStrength = 0.1 }, 40, 0 },
        { new SaeOptions { Layer = Layer, LatentMultiple = 2, Epochs = 15, ProbeStrength = 0.1 }, 30, 0 },
        { new RlapOptions { Layer = Layer, FeatureDimension = 32, Steps = 60, EvaluateEvery = 30 }, 10, 0 },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_learns_from_a_few_examples(FixedMethodOptions method, double cause, double isolate)
    {
        using FixedPositionInterpreter interpreter = Train(method);

        RavelScore all = RavelScorer.Score(interpreter, city.Dataset, RavelSplit.Val, [SelectionMode.OneToOne])[^1];

        Assert.Equal(method.Method.ToString(), all.Method);
        Assert.True(all.Cause >= cause, $"cause {all.Cause} of at least {cause}; isolate {all.Isolate}");
        Assert.True(all.Isolate >= isolate, $"isolate {all.Isolate} of at least {isolate}; cause {all.Cause}");
    }

    [Theory]
    [InlineData(InterpreterMethod.Mdas)]
    [InlineData(InterpreterMethod.Sae)]
    [InlineData(InterpreterMethod.Rlap)]
    public void The_same_seed_gives_the_same_interpreter_bit_for_bit(InterpreterMethod method)
    {
        using DisposeScope scope = NewDisposeScope();
        using FixedPositionInterpreter first = Train(Small(method), epochs: 1), second = Train(Small(method), epochs: 1);

        Assert.All(first.Parameters.State().Zip(second.Parameters.State()), s => Assert.True(
            s.First.Value.eq(s.Second.Value).all().item<bool>(), s.First.Key));
    }

    [Fact]
    public void Metrics_count_through_all_concepts_and_go_to_the_file()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "metrics.jsonl");

        TrainingResult result = TrainingRuns.Run(
            city.Model, city.Dataset, new MdasOptions { Layer = Layer },
            MethodOptions.TrainingOf(InterpreterMethod.Mdas) with { Epochs = 1 }, metricsPath: file);

        using InterpreterHandle interpreter = result.Interpreter;
        // Two concepts with 160 examples in batches of 32.
        Assert.Equal(Enumerable.Range(1, 10), result.Metrics.Select(m => m.Step));
        Assert.Equal(10, File.ReadAllLines(file).Length);
    }

    [Fact]
    public void Das_learns_from_cause_examples_alone()
    {
        TrainingOptions options = MethodOptions.TrainingOf(InterpreterMethod.Das) with { Epochs = 1 };
        TrainingResult all = TrainingRuns.Run(city.Model, city.Dataset, new DasOptions { Layer = Layer }, options);
        RavelDataset causes = city.Dataset with { Train = [.. city.Dataset.Train.Where(e => e.Kind == RavelExampleKind.Cause)] };
        TrainingResult without = TrainingRuns.Run(city.Model, causes, new DasOptions { Layer = Layer }, options);

        using InterpreterHandle first = all.Interpreter, second = without.Interpreter;
        Assert.Equal(without.Metrics, all.Metrics);
    }

    [Fact]
    public void A_fitted_method_can_take_the_benchmarks_entities_instead_of_the_examples()
    {
        PcaOptions method = new() { Layer = Layer, ProbeStrength = 0.01, MaxVectors = 400 };
        TrainingOptions options = MethodOptions.TrainingOf(InterpreterMethod.Pca);
        TrainingResult fromDomain = TrainingRuns.Run(city.Model, city.Dataset, method, options, domains: [city.Domain]);
        TrainingResult fromExamples = TrainingRuns.Run(city.Model, city.Dataset, method, options);

        using FixedPositionInterpreter first =
            (FixedPositionInterpreter)fromDomain.Interpreter, second = (FixedPositionInterpreter)fromExamples.Interpreter;
        Assert.InRange(first.FeatureDimension, 1, city.Model.HiddenSize - 1);
        Assert.NotEqual(State(first, "city/pca.mean"), State(second, "city/pca.mean"));
    }

    [Fact]
    public void Concepts_without_two_values_are_refused()
    {
        RavelDataset one =
            city.Dataset with { Train = [.. city.Dataset.Train.Where(e => e.AskedAttribute != "Country").Append(OneValue())] };

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => TrainingRuns.Run(city.Model, one, new PcaOptions { Layer = Layer }, MethodOptions.TrainingOf(InterpreterMethod.Pca)));

        Assert.Equal("ValuesInsufficient", error.ErrorId);
        Assert.Contains("'Country'", error.Message);
    }

    [Fact]
    public void A_dataset_without_training_examples_is_refused()
    {
        RavelDataset empty = city.Dataset with { Train = [] };

        Assert.Equal("DatasetEmpty", Assert.Throws<HyperDasException>(
            () => TrainingRuns.Run(
                city.Model, empty, new MdasOptions { Layer = Layer }, MethodOptions.TrainingOf(InterpreterMethod.Mdas))).ErrorId);
    }

    [Theory]
    [InlineData(InterpreterMethod.Mdas)]
    [InlineData(InterpreterMethod.Sae)]
    public void Training_stops_when_it_is_cancelled(InterpreterMethod method)
    {
        FixedMethodOptions options = method == InterpreterMethod.Mdas
            ? new MdasOptions { Layer = Layer }
            : new SaeOptions { Layer = Layer };

        Assert.ThrowsAny<OperationCanceledException>(() => TrainingRuns.Run(
            city.Model, city.Dataset, options, MethodOptions.TrainingOf(method), cancellation: new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(InterpreterMethod.Mdas)]
    [InlineData(InterpreterMethod.Dbm)]
    [InlineData(InterpreterMethod.Pca)]
    [InlineData(InterpreterMethod.Sae)]
    [InlineData(InterpreterMethod.Rlap)]
    public void Training_and_releasing_leaves_no_tensor_behind(InterpreterMethod method)
    {
        Train(Small(method), epochs: 1).Dispose();
        long before = LiveTensors.Settle();

        Train(Small(method), epochs: 1).Dispose();

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [InlineData(InterpreterMethod.Mdas)]
    [InlineData(InterpreterMethod.Sae)]
    [InlineData(InterpreterMethod.Rlap)]
    public void Training_that_diverges_stops_and_names_the_tensor(InterpreterMethod method)
    {
        const double Rate = 1e30;
        FixedMethodOptions options = Small(method) switch
        {
            SaeOptions sae => sae with { LearningRate = Rate },
            RlapOptions rlap => rlap with { LearningRate = Rate },
            FixedMethodOptions other => other,
        };

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => TrainingRuns.Run(city.Model, city.Dataset, options,
                TrainingRuns.Of(method, MethodOptions.TrainingOf(method) with { Epochs = 1, RotationLearningRate = Rate })));

        Assert.Equal("TrainingDiverged", error.ErrorId);
        Assert.Contains("The first tensor that isn't finite: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_by_the_last_step_is_found_too()
    {
        SaeOptions sae = (SaeOptions)Small(InterpreterMethod.Sae) with { LearningRate = double.MaxValue, BatchSize = 100, Epochs = 1 };

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => TrainingRuns.Run(city.Model, city.Dataset, sae, MethodOptions.TrainingOf(InterpreterMethod.Sae)));

        Assert.Equal("TrainingDiverged", error.ErrorId);
        Assert.Contains("The last training step, 1, produced", error.Message, StringComparison.Ordinal);
    }

    private static FixedMethodOptions Small(InterpreterMethod method) => method switch
    {
        InterpreterMethod.Mdas => new MdasOptions { Layer = Layer, FeatureDimension = 4 },
        InterpreterMethod.Dbm => new DbmOptions { Layer = Layer, MaskPenalty = 0.01 },
        InterpreterMethod.Pca => new PcaOptions { Layer = Layer, MaxVectors = 100 },
        InterpreterMethod.Sae => new SaeOptions { Layer = Layer, MaxVectors = 100, LatentMultiple = 1, Epochs = 2 },
        _ => new RlapOptions { Layer = Layer, MaxVectors = 100, Steps = 4, EvaluateEvery = 2 },
    };

    private FixedPositionInterpreter Train(FixedMethodOptions method, int epochs = 4) => (FixedPositionInterpreter)TrainingRuns.Run(
        city.Model, city.Dataset, method,
        TrainingRuns.Of(
            method.Method, MethodOptions.TrainingOf(
                method.Method) with { Epochs = epochs, BatchSize = 16, RotationLearningRate = 1e-2, MaskLearningRate = 5e-2 })).Interpreter;

    private RavelExample OneValue()
    {
        RavelExample example = city.Dataset.Train.First(e => e.Kind == RavelExampleKind.Cause && e.Attribute == "Country");
        return example with { SourceValue = example.BaseValue };
    }

    private static byte[] State(FixedPositionInterpreter interpreter, string name) =>
        interpreter.Parameters.State().Single(s => s.Key == name).Value.bytes.ToArray();
}
