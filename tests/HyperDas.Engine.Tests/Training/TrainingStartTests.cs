using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;
using TorchSharp;
using Xunit;

namespace HyperDas.Engine.Tests.Training;

/// <summary>
/// A training that starts from an interpreter: which one may be, that it goes on from its parameters, and that it can be interrupted.
/// </summary>
public sealed class TrainingStartTests : IDisposable
{
    private static readonly HypernetworkOptions s_network = new() { Layer = 2, FeatureDimension = 4, Reflections = 2, SubspaceInner = 20 };
    private static readonly TrainingOptions s_options =
        new() { Epochs = 2, BatchSize = 8, LearningRate = 3e-3, Seed = 5, ValidateEvery = 2, ValidationShare = 1, KeepBest = false };

    private readonly LanguageModel _target = TinyLlama.CreateWithTokenizer();
    private readonly RavelDataset _dataset;
    private readonly TemporaryFolder _folder = new();

    public TrainingStartTests()
    {
        _dataset = RavelDatasetBuilder.Build(
            [RavelDescriptionReaderTests.Read()], _target.Tokenizer, new FactFilter(new FakeOracle()),
            new RavelBuildOptions
            {
                TrainPerAttribute = 12, ValPerAttribute = 4, TestPerAttribute = 0, Seed = 3,
                InstructionStyle = InstructionStyle.Descriptions
            });
        using Interpreter first = Train(s_options, null).Interpreter;
        InterpreterStore.Save(first, Start);
    }

    private string Start => Path.Combine(_folder.Path, "start");

    private string StatePath => Path.Combine(_folder.Path, "state");

    [Fact]
    public void Its_parameters_are_the_first_ones()
    {
        (Interpreter untrained, TrainingResult result) = Train(s_options with { Epochs = 0 }, TrainingStart.At(Start));
        using Interpreter start = InterpreterStore.Load(Start, _target), owned = untrained;

        Assert.Equal(Bits(start), Bits(untrained));
        Assert.Matches("^[0-9a-f]{64}$", result.StartedFrom);
    }

    [Fact]
    public void A_folder_an_open_interpreter_and_the_options_folder_give_the_same()
    {
        using Interpreter open = InterpreterStore.Load(Start, _target);
        (string Bits, string? From) byFolder = Ended(TrainingStart.At(Start)), byOptions = Ended(null, s_options with { From = Start });

        Assert.Equal(byFolder, Ended(TrainingStart.Of(open)));
        Assert.Equal(byFolder, byOptions);
        Assert.NotEqual(byFolder.Bits, Ended(null).Bits);
        Assert.NotEqual(byFolder.Bits, Bits(open));
    }

    [Fact]
    public void Where_nothing_gets_better_the_start_is_what_is_returned()
    {
        TrainingOptions idle = s_options with
        {
            KeepBest = true, LearningRate = 1e-12, RotationLearningRate = 0, MaskLearningRate = 0, WeightDecay = 0, Patience = 2
        };
        (Interpreter idled, TrainingResult result) = Train(idle, TrainingStart.At(Start));
        using Interpreter start = InterpreterStore.Load(Start, _target), owned = idled;

        Assert.Equal((0, 4), (result.BestStep, result.Steps));
        Assert.Equal(Bits(start), Bits(idled));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Interrupted_anywhere_it_ends_as_undisturbed(bool keepBest)
    {
        TrainingOptions options = s_options with { KeepBest = keepBest };
        (string Bits, string? From) undisturbed = Ended(TrainingStart.At(Start), options);
        for (int step = 1; step < 6; step++)
        {
            Stop(step, options);
        }

        Assert.Equal(undisturbed, Ended(TrainingStart.At(Start), options, withState: true));
        // Once more from the finished state.
        Assert.Equal(undisturbed, Ended(TrainingStart.At(Start), options, withState: true));
    }

    [Fact]
    public void A_state_of_another_start_is_refused()
    {
        Stop(2);

        HyperDasException without = Assert.Throws<HyperDasException>(() => Ended(null, withState: true));
        Assert.Equal("StateMismatch", without.ErrorId);
        Assert.Contains("From was ", without.Message);
    }

    [Fact]
    public void Another_shape_is_refused_by_the_options_that_differ()
    {
        HyperDasException other = Assert.Throws<HyperDasException>(() => TrainingRuns.Run(
            _target, _dataset, s_network with { Blocks = 1, FeatureDimension = 5, Layer = 1 }, s_options, from: TrainingStart.At(Start)));

        Assert.Equal("InterpreterMismatch", other.ErrorId);
        Assert.Contains("Blocks 1 (was 2), FeatureDimension 5 (was 4). ", other.Message);
        Assert.Contains(Start, other.Message);
        Assert.Empty(TrainingStart.At(Start).DifferencesInShape(s_network with { Layer = 1, Symmetric = true, SubspaceInner = null }));
        Assert.Equal(["Layer 1 (was 2)"], TrainingStart.At(Start).DifferencesTo(s_network with { Layer = 1 }));
        Assert.Equal(["Epochs 7 (was 2)"], TrainingStart.At(Start).DifferencesTo(s_options with { Epochs = 7 }));
    }

    [Fact]
    public void A_shape_that_only_the_parameters_show_is_refused_too()
    {
        HyperDasException other = Assert.Throws<HyperDasException>(() => TrainingRuns.Run(
            _target, _dataset, s_network with { SubspaceInner = null }, s_options, from: TrainingStart.At(Start)));

        Assert.Equal("InterpreterMismatch", other.ErrorId);
        Assert.Contains("SubspaceInner null (was 20)", other.Message);
    }

    [Fact]
    public void Another_target_and_another_method_are_refused()
    {
        using LanguageModel other = TinyLlama.Create(TinyLlama.TextConfig with { InnerWidth = 28 }, tokenizer: TinyTokenizer.Build([]));
        using Interpreter open = InterpreterStore.Load(Start, _target);
        foreach (TrainingStart start in new[] { TrainingStart.At(Start), TrainingStart.Of(open) })
        {
            Assert.Equal("InterpreterMismatch", Assert.Throws<HyperDasException>(() => TrainingRuns.Run(
                other, _dataset, s_network, s_options, from: start)).ErrorId);
        }
        using Interpreter mdas = MethodCatalog.Create(
            _target, new MdasOptions { Layer = 2, FeatureDimension = 4 }, [new ConceptKey("city", "Country")], seed: 1);
        string folder = Path.Combine(_folder.Path, "mdas");
        InterpreterStore.Save(mdas, folder);

        Assert.Contains("Mdas", Assert.Throws<HyperDasException>(() => TrainingStart.At(folder)).Message);
        Assert.Equal("InterpreterMismatch", Assert.Throws<HyperDasException>(() => TrainingStart.Of(mdas)).ErrorId);
        Assert.Equal("PathNotFound", Assert.Throws<HyperDasException>(() => TrainingStart.At(_folder.Path)).ErrorId);
        Assert.Equal(
            "OptionInvalid",
            Assert.Throws<HyperDasException>(() => TrainingRuns.Run(
                _target, _dataset, new MdasOptions { Layer = 2 },
                MethodOptions.TrainingOf(InterpreterMethod.Mdas) with { From = Start })).ErrorId);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        Ended(TrainingStart.At(Start));
        long before = LiveTensors.Settle();

        Ended(TrainingStart.At(Start));

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    public void Dispose()
    {
        _target.Dispose();
        _folder.Dispose();
    }

    private (Interpreter Interpreter, TrainingResult Result) Train(
        TrainingOptions options, TrainingStart? from, TrainingState? state = null)
    {
        TrainingResult result = TrainingRuns.Run(_target, _dataset, s_network, options, state: state, from: from);
        return ((Interpreter)result.Interpreter, result);
    }

    private (string Bits, string? From) Ended(TrainingStart? from, TrainingOptions? options = null, bool withState = false)
    {
        using TrainingState? state = withState ? TrainingState.Open(StatePath) : null;
        (Interpreter interpreter, TrainingResult result) = Train(options ?? s_options, from, state);
        using Interpreter owned = interpreter;
        return (Bits(interpreter), result.StartedFrom);
    }

    private static string Bits(Interpreter interpreter) => Convert.ToHexString(TinyInterpreter.Bits(interpreter));

    private void Stop(int step, TrainingOptions? options = null)
    {
        using TrainingState state = TrainingState.Open(StatePath);
        using CancellationTokenSource source = new();
        Assert.Throws<OperationCanceledException>(() => TrainingRuns.Run(
            _target, _dataset, s_network, options
                ?? s_options, null, state, new StopAfter(source, step), source.Token, from: TrainingStart.At(Start)));
    }

    private sealed class StopAfter(CancellationTokenSource source, long step) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Activity.StartsWith("Training", StringComparison.Ordinal) && value.Completed == step)
            {
                source.Cancel();
            }
        }
    }
}
