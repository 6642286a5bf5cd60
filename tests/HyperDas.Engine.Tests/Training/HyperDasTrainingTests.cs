using System.Text.Json;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Ravel;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training;

public sealed class HyperDasTrainingTests : IDisposable
{
    private static readonly HypernetworkOptions s_network = new() { Layer = 2, FeatureDimension = 4, Reflections = 2 };
    private static readonly TrainingOptions s_options = new() { Epochs = 2, BatchSize = 4, LearningRate = 1e-3, Seed = 5 };
    private readonly LanguageModel _target = TinyLlama.CreateWithTokenizer();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_training_returns_what_it_made_and_what_happened()
    {
        TrainingResult result = TrainingRuns.Run(_target, TinyDataset.Create(), s_network, s_options);
        using InterpreterHandle interpreter = result.Interpreter;

        Assert.Equal(6, result.Steps);
        Assert.Equal(6, result.Metrics.Count);
        Assert.Equal(5, result.Seed);
        Assert.Null(result.MetricsPath);
        Assert.Equal(2, interpreter.Layer);
        Assert.Equal("HyperDas", interpreter.Method);
    }

    [Fact]
    public void Metrics_are_one_json_object_a_line()
    {
        string path = Path.Combine(_folder.Path, "new", "metrics.jsonl");

        TrainingResult result = TrainingRuns.Run(_target, TinyDataset.Create(), s_network, s_options, path);
        result.Interpreter.Dispose();

        Dictionary<string, double>[] lines =
            [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<Dictionary<string, double>>(line)!)];
        Assert.Equal(path, result.MetricsPath);
        Assert.Equal(result.Metrics.Select(m => m.Loss), lines.Select(l => l["loss"]));
        Assert.Equal([1, 2, 3, 4, 5, 6], lines.Select(l => l["step"]));
        Assert.Equal(
            ["epoch", "gradientNorm", "learningRate", "loss", "predictionLoss", "sparsityLoss", "step"], lines[0].Keys.Order());
    }

    [Fact]
    public void A_cancelled_training_keeps_its_metrics_and_nothing_else()
    {
        string path = Path.Combine(_folder.Path, "metrics.jsonl");
        using CancellationTokenSource source = new();
        long before = LiveTensors.Settle();

        Assert.Throws<OperationCanceledException>(() => TrainingRuns.Run(
            _target, TinyDataset.Create(), s_network, s_options, path, progress: new CancelAt(source, "Training HyperDas", 3),
            cancellation: source.Token));

        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal(3, File.ReadAllLines(path).Length);
    }

    [Fact]
    public void No_epoch_gives_an_untrained_interpreter_and_no_metrics()
    {
        TrainingResult result = TrainingRuns.Run(_target, TinyDataset.Create(), s_network, s_options with { Epochs = 0 });
        result.Interpreter.Dispose();

        Assert.Equal(0, result.Steps);
        Assert.Empty(result.Metrics);
    }

    [Fact]
    public void A_dataset_without_training_examples_is_refused()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() =>
            TrainingRuns.Run(_target, TinyDataset.Create() with { Train = [] }, s_network, s_options));

        Assert.Equal("DatasetEmpty", error.ErrorId);
    }

    [Theory]
    [InlineData(9, 2, 4, "LayerInvalid")]
    [InlineData(0, 2, 4, "OptionInvalid")]
    [InlineData(2, 9, 4, "OptionInvalid")]
    [InlineData(2, 2, 17, "OptionInvalid")]
    public void What_the_target_does_not_have_is_refused_before_anything_starts(int layer, int blocks, int dimension, string errorId)
    {
        long before = LiveTensors.Settle();

        HyperDasException error = Assert.Throws<HyperDasException>(() => TrainingRuns.Run(
            _target, TinyDataset.Create(), s_network with { Layer = layer, Blocks = blocks, FeatureDimension = dimension }, s_options));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Metrics_that_cannot_be_written_stop_the_training_before_it_starts()
    {
        string file = _folder.Write("file", "");

        HyperDasException error = Assert.Throws<HyperDasException>(() =>
            TrainingRuns.Run(_target, TinyDataset.Create(), s_network, s_options, Path.Combine(file, "metrics.jsonl")));

        Assert.Equal("WriteFailed", error.ErrorId);
        Assert.Contains("metrics.jsonl", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _target.Dispose();
        _folder.Dispose();
    }

    private sealed class CancelAt(CancellationTokenSource source, string activity, long completed) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Activity == activity && value.Completed == completed)
            {
                source.Cancel();
            }
        }
    }
}
