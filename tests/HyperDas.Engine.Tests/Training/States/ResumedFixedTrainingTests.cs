using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Training.States;
using Xunit;

namespace HyperDas.Engine.Tests.Training.States;

/// <summary>Methods that train each concept by itself go on with the concept that they were at.</summary>
public sealed class ResumedFixedTrainingTests(BundledCity city) : IClassFixture<BundledCity>, IDisposable
{
    private const int Layer = 3;
    private readonly TemporaryFolder _folder = new();

    private string StatePath => Path.Combine(_folder.Path, "state");

    private string MetricsPath => Path.Combine(_folder.Path, "metrics.jsonl");

    // Two concepts. MDAS takes five steps for each, DAS two or three.
    [Theory]
    [InlineData(InterpreterMethod.Mdas, 2)]
    [InlineData(InterpreterMethod.Mdas, 5)]
    [InlineData(InterpreterMethod.Mdas, 7)]
    [InlineData(InterpreterMethod.Das, 3)]
    [InlineData(InterpreterMethod.Dbm, 1)]
    [InlineData(InterpreterMethod.Dbm, 8)]
    public void A_stopped_training_ends_as_the_undisturbed_one(InterpreterMethod method, int step) =>
        Assert.Equal(Train(method), StoppedAndResumed(method, step));

    [Theory]
    [InlineData(InterpreterMethod.Mdas)]
    [InlineData(InterpreterMethod.Dbm)]
    public void Concepts_that_share_a_small_cache_go_on_as_it_stood(InterpreterMethod method)
    {
        const long Small = 200 * 128 * 2 * 2;

        Assert.Equal(Train(method, cacheBytes: Small), StoppedAndResumed(method, 7, Small));
    }

    // Fitted methods are kept after each concept.
    [Theory]
    [InlineData(InterpreterMethod.Pca, 1)]
    [InlineData(InterpreterMethod.Sae, 1)]
    [InlineData(InterpreterMethod.Rlap, 1)]
    public void A_fitting_goes_on_with_the_next_concept(InterpreterMethod method, int concept)
    {
        string undisturbed = Train(method);
        using (TrainingState state = TrainingState.Open(StatePath))
        using (CancellationTokenSource source = new())
        {
            StopAt stop = new(source, w => w.Activity.StartsWith("Fitting", StringComparison.Ordinal) && w.Completed == concept);
            Assert.ThrowsAny<OperationCanceledException>(() => Run(method, state, stop, source.Token));
            Assert.Equal($"concept {concept} of 2", state.Position?.Place);
        }
        SeenProgress progress = new();

        Assert.Equal(undisturbed, Train(method, withState: true, progress));
        Assert.Single(progress.Seen, w => w.Activity.StartsWith("Fitting", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(InterpreterMethod.Mdas)]
    [InlineData(InterpreterMethod.Sae)]
    public void A_finished_training_gives_its_result_again_without_training(InterpreterMethod method)
    {
        string first = Train(method, withState: true);
        SeenProgress progress = new();

        Assert.Equal(first, Train(method, withState: true, progress));
        Assert.Empty(progress.Seen);
    }

    public void Dispose() => _folder.Dispose();

    private static FixedMethodOptions Options(InterpreterMethod method) => method switch
    {
        InterpreterMethod.Mdas => new MdasOptions { Layer = Layer, FeatureDimension = 4 },
        InterpreterMethod.Das => new DasOptions { Layer = Layer, FeatureDimension = 4 },
        InterpreterMethod.Dbm => new DbmOptions { Layer = Layer, MaskPenalty = 0.01 },
        InterpreterMethod.Pca => new PcaOptions { Layer = Layer, MaxVectors = 100 },
        InterpreterMethod.Sae => new SaeOptions { Layer = Layer, MaxVectors = 100, LatentMultiple = 1, Epochs = 2 },
        _ => new RlapOptions { Layer = Layer, MaxVectors = 100, Steps = 4, EvaluateEvery = 2 },
    };

    private string StoppedAndResumed(InterpreterMethod method, int step, long cacheBytes = 2L << 30)
    {
        using (TrainingState state = TrainingState.Open(StatePath))
        using (CancellationTokenSource source = new())
        {
            int seen = 0;
            StopAt stop = new(source, w => w.Activity.StartsWith("Training", StringComparison.Ordinal) && ++seen == step);
            Assert.ThrowsAny<OperationCanceledException>(() => Run(method, state, stop, source.Token, cacheBytes));
            Assert.Equal(step, state.Position?.Step);
        }
        return Train(method, withState: true, cacheBytes: cacheBytes);
    }

    private string Train(
        InterpreterMethod method, bool withState = false, IProgress<WorkProgress>? progress = null, long cacheBytes = 2L << 30)
    {
        using TrainingState? state = withState ? TrainingState.Open(StatePath) : null;
        return Run(method, state, progress, default, cacheBytes);
    }

    private string Run(InterpreterMethod method, TrainingState? state, IProgress<WorkProgress>? progress, CancellationToken cancellation,
        long cacheBytes = 2L << 30)
    {
        TrainingOptions options = TrainingRuns.Of(
            method,
            MethodOptions.TrainingOf(method) with { Epochs = 1, BatchSize = 32, RotationLearningRate = 1e-2, CacheBytes = cacheBytes });
        TrainingResult result = TrainingRuns.Run(city.Model, city.Dataset, Options(method), options, metricsPath: MetricsPath, state: state,
            progress: progress, cancellation: cancellation);
        using FixedPositionInterpreter interpreter = (FixedPositionInterpreter)result.Interpreter;
        Assert.Equal(options, interpreter.TrainedWith);
        return $"{Convert.ToHexString(TinyInterpreter.Bits(interpreter))}\n{string.Join('\n', result.Metrics)}\n{File.ReadAllText(MetricsPath)}";
    }

    private sealed class StopAt(CancellationTokenSource source, Predicate<WorkProgress> here) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (here(value))
            {
                source.Cancel();
            }
        }
    }
}
