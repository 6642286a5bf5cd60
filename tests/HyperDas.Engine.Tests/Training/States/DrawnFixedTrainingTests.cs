using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Training.States;
using Xunit;

namespace HyperDas.Engine.Tests.Training.States;

/// <summary>Methods that train each concept separately redraw their pairs if asked to, and resume bit for bit.</summary>
public sealed class DrawnFixedTrainingTests : IDisposable
{
    private readonly LanguageModel _target = TinyLlama.CreateWithTokenizer();
    private readonly RavelDataset _dataset;
    private readonly TemporaryFolder _folder = new();

    public DrawnFixedTrainingTests() => _dataset = RavelDatasetBuilder.Build(
        [RavelDescriptionReaderTests.Read()], _target.Tokenizer, new FactFilter(new FakeOracle()),
        new RavelBuildOptions
        {
            TrainPerAttribute = 12, ValPerAttribute = 0, TestPerAttribute = 0, Seed = 3, InstructionStyle = InstructionStyle.Descriptions,
        });

    private string StatePath => Path.Combine(_folder.Path, "state");

    [Theory]
    [InlineData(InterpreterMethod.Mdas, 2L << 30)]
    [InlineData(InterpreterMethod.Mdas, 30 * 16 * 4 * 2)]
    [InlineData(InterpreterMethod.Das, 2L << 30)]
    [InlineData(InterpreterMethod.Dbm, 2L << 30)]
    public void A_stopped_training_ends_as_the_undisturbed_one(InterpreterMethod method, long cacheBytes)
    {
        TrainingOptions options = Options(method) with { CacheBytes = cacheBytes };
        Ended undisturbed = Train(method, options);
        int steps = undisturbed.Steps.Count;

        Assert.True(steps >= 9);
        foreach (int step in (int[])[1, (steps / 3) - 1, steps / 3, (steps / 3) + 1, steps - 1])
        {
            Stop(method, options, step);
            Ended resumed = Train(method, options, withState: true);

            Assert.Equal(undisturbed.Parameters, resumed.Parameters);
            Assert.Equal(undisturbed.Steps, resumed.Steps);
            Directory.Delete(StatePath, recursive: true);
        }
    }

    [Fact]
    public void The_first_epoch_is_the_datasets_rows_and_the_next_ones_are_not()
    {
        TrainingOptions options = Options(InterpreterMethod.Mdas);
        Ended anew = Train(InterpreterMethod.Mdas, options), rows = Train(InterpreterMethod.Mdas, options with { DrawAnew = false });
        int perEpoch = anew.Steps.Count / 3 / options.Epochs;

        Assert.Equal(rows.Steps.Count, anew.Steps.Count);
        Assert.Equal(rows.Steps.Take(perEpoch), anew.Steps.Take(perEpoch));
        Assert.NotEqual(rows.Steps.Skip(perEpoch).Take(perEpoch), anew.Steps.Skip(perEpoch).Take(perEpoch));
        Assert.True(anew.TrainedWith!.DrawAnew);
    }

    [Fact]
    public void Where_there_is_nothing_to_draw_from_the_rows_are_trained_on()
    {
        TrainingOptions options = Options(InterpreterMethod.Mdas);
        RavelDataset read = _dataset with { Pool = null };

        Ended rows = Train(InterpreterMethod.Mdas, options, dataset: read);

        Assert.Equal(Train(InterpreterMethod.Mdas, options with { DrawAnew = false }).Parameters, rows.Parameters);
        Assert.False(rows.TrainedWith!.DrawAnew);
    }

    [Fact]
    public void A_state_on_fixed_rows_is_not_gone_on_with_others()
    {
        TrainingOptions options = Options(InterpreterMethod.Mdas);
        Stop(InterpreterMethod.Mdas, options with { DrawAnew = false }, 2);

        HyperDasException error = Assert.Throws<HyperDasException>(() => Train(InterpreterMethod.Mdas, options, withState: true));

        Assert.Equal("StateMismatch", error.ErrorId);
        Assert.Contains("TrainingOptions.DrawAnew was False and is True", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _target.Dispose();
        _folder.Dispose();
    }

    private static TrainingOptions Options(InterpreterMethod method) => TrainingRuns.Of(
        method,
        MethodOptions.TrainingOf(method) with { Epochs = 3, BatchSize = 8, RotationLearningRate = 1e-2, Seed = 5, DrawAnew = true });

    private static MethodOptions Method(InterpreterMethod method) => method switch
    {
        InterpreterMethod.Mdas => new MdasOptions { Layer = 2, FeatureDimension = 4 },
        InterpreterMethod.Das => new DasOptions { Layer = 2, FeatureDimension = 4 },
        _ => new DbmOptions { Layer = 2, MaskPenalty = 0.01 },
    };

    private Ended Train(InterpreterMethod method, TrainingOptions options, bool withState = false, RavelDataset? dataset = null)
    {
        using TrainingState? state = withState ? TrainingState.Open(StatePath) : null;
        TrainingResult result = TrainingRuns.Run(_target, dataset ?? _dataset, Method(method), options, state: state);
        using Interpreter interpreter = (Interpreter)result.Interpreter;
        return new Ended(Convert.ToHexString(TinyInterpreter.Bits(interpreter)), result.Metrics, interpreter.TrainedWith);
    }

    private void Stop(InterpreterMethod method, TrainingOptions options, int step)
    {
        using TrainingState state = TrainingState.Open(StatePath);
        using CancellationTokenSource source = new();
        Assert.Throws<OperationCanceledException>(() => TrainingRuns.Run(
            _target, _dataset, Method(method), options, state: state, progress: new StopAfter(source, step), cancellation: source.Token));
        Assert.Equal(step, state.Position!.Step);
    }

    private sealed record Ended(string Parameters, IReadOnlyList<TrainingStep> Steps, TrainingOptions? TrainedWith);

    private sealed class StopAfter(CancellationTokenSource source, int step) : IProgress<WorkProgress>
    {
        private int _seen;

        public void Report(WorkProgress value)
        {
            if (value.Activity.StartsWith("Training", StringComparison.Ordinal) && ++_seen == step)
            {
                source.Cancel();
            }
        }
    }
}
