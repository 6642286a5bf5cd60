using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Training.Pretraining;
using HyperDas.Engine.Training.States;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training.States;

public sealed class ResumedPretrainingTests : IDisposable
{
    private static readonly PretrainingOptions s_tiny = new()
    {
        HiddenSize = 16, BlockCount = 2, HeadCount = 2, KeyValueHeadCount = 1, InnerSize = 24, VocabularySize = 300, ReadingLayer = 1,
        Tokens = 12_000, BatchTokens = 512, LearningRate = 1e-2,
    };

    private readonly TemporaryFolder _folder = new();

    private string StatePath => Path.Combine(_folder.Path, "state");

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(17)]
    public void A_stopped_pretraining_ends_as_the_undisturbed_one(int step)
    {
        (PretrainingResult undisturbed, byte[] weights) = Train("undisturbed");

        Stop(step);
        (PretrainingResult resumed, byte[] resumedWeights) = Train("resumed", withState: true);

        Assert.Equal(weights, resumedWeights);
        Assert.Equal((undisturbed.Steps, undisturbed.Tokens, undisturbed.FinalLoss), (resumed.Steps, resumed.Tokens, resumed.FinalLoss));
    }

    [Theory]
    [InlineData(ModelDtype.BFloat16, ModelDtype.Float32)]
    [InlineData(ModelDtype.Float32, ModelDtype.BFloat16)]
    public void A_machine_that_would_compute_in_another_format_goes_on_in_the_first(ModelDtype first, ModelDtype second)
    {
        (_, byte[] weights) = Train("undisturbed", computed: first);

        Stop(6, computed: first);
        NumberFormat kept = Pretrainer.FormatOf(StatePath);
        (_, byte[] resumed) = Train("resumed", withState: true, computed: second);

        Assert.Equal(first, kept.Computed);
        Assert.Equal(weights, resumed);
        Assert.NotEqual(weights, Train("other", computed: second).Weights);
    }

    [Fact]
    public void A_pretraining_can_be_stopped_often()
    {
        (_, byte[] weights) = Train("undisturbed");

        for (int step = 1; step < 12; step++)
        {
            Stop(step);
        }

        Assert.Equal(weights, Train("resumed", withState: true).Weights);
    }

    [Fact]
    public void A_finished_pretraining_writes_its_model_again_without_training()
    {
        (PretrainingResult first, byte[] weights) = Train("first", withState: true);
        SeenProgress progress = new();

        (PretrainingResult again, byte[] weightsAgain) = Train("again", withState: true, progress);

        Assert.Equal(weights, weightsAgain);
        Assert.Equal((first.Steps, first.Tokens, first.FinalLoss), (again.Steps, again.Tokens, again.FinalLoss));
        Assert.DoesNotContain(progress.Seen, w => w.Status.StartsWith("step", StringComparison.Ordinal));
    }

    [Fact]
    public void A_state_of_other_facts_is_refused()
    {
        Stop(2);
        RavelDomain fewer = MiniRavel.Read() with { Distractors = [] };
        using TrainingState state = TrainingState.Open(StatePath);

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => Pretrainer.Train([fewer], s_tiny, Path.Combine(_folder.Path, "other"), state));

        Assert.Equal("StateMismatch", error.ErrorId);
        Assert.Contains("Domains", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_pretraining_leaves_no_tensor_behind()
    {
        Stop(1);
        long before = LiveTensors.Settle();

        Stop(3);
        Train("resumed", withState: true);

        Assert.Equal(before, Tensor.TotalCount);
    }

    public void Dispose() => _folder.Dispose();

    private (PretrainingResult Result, byte[] Weights) Train(
        string name, bool withState = false, IProgress<WorkProgress>? progress = null, ModelDtype? computed = null)
    {
        using TrainingState? state = withState ? TrainingState.Open(StatePath) : null;
        string folder = Path.Combine(_folder.Path, name);
        PretrainingResult result = Pretrainer.Train([MiniRavel.Read()], s_tiny, folder, Format(computed), state, progress);
        return (result, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    private void Stop(int step, ModelDtype? computed = null)
    {
        using TrainingState state = TrainingState.Open(StatePath);
        using CancellationTokenSource source = new();
        Assert.ThrowsAny<OperationCanceledException>(() => Pretrainer.Train(
            [MiniRavel.Read()], s_tiny, Path.Combine(_folder.Path, "stopped"), Format(computed), state,
            new StopAfter(source, $"step {step},"), source.Token));
        Assert.Equal(step, state.Position?.Step);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "stopped")));
    }

    private static NumberFormat Format(ModelDtype? computed) =>
        computed is { } dtype ? NumberFormat.ForPretraining() with { Computed = dtype } : NumberFormat.ForPretraining();

    private sealed class StopAfter(CancellationTokenSource source, string status) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Status.StartsWith(status, StringComparison.Ordinal))
            {
                source.Cancel();
            }
        }
    }
}
