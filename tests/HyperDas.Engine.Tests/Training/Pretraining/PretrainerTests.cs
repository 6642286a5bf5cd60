using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Training.Pretraining;
using Xunit;

namespace HyperDas.Engine.Tests.Training.Pretraining;

public class PretrainerTests
{
    private static readonly PretrainingOptions s_tiny = new()
    {
        HiddenSize = 16, BlockCount = 2, HeadCount = 2, KeyValueHeadCount = 1, InnerSize = 24, VocabularySize = 300, ReadingLayer = 1,
        Tokens = 6_000, BatchTokens = 512, LearningRate = 1e-2,
    };

    [Fact]
    public void A_few_steps_lower_the_loss()
    {
        Losses losses = new();
        using TemporaryFolder folder = new();

        PretrainingResult result = Pretrainer.Train([MiniRavel.Read()], s_tiny with { Tokens = 20_000 }, folder.Path, progress: losses);

        Assert.True(result.FinalLoss < 0.8 * losses.First, $"{losses.First} became {result.FinalLoss}");
    }

    [Fact]
    public void The_same_seed_gives_the_same_files_and_another_seed_does_not()
    {
        using TemporaryFolder first = new(), second = new(), other = new();

        Pretrainer.Train([MiniRavel.Read()], s_tiny, first.Path);
        Pretrainer.Train([MiniRavel.Read()], s_tiny, second.Path);
        Pretrainer.Train([MiniRavel.Read()], s_tiny with { Seed = 2 }, other.Path);

        Assert.Equal(Weights(first), Weights(second));
        Assert.NotEqual(Weights(first), Weights(other));
    }

    [Fact]
    public void What_is_saved_is_a_plain_model_folder_that_loads_and_encodes()
    {
        using TemporaryFolder folder = new();
        PretrainingResult result = Pretrainer.Train([MiniRavel.Read()], s_tiny, folder.Path);

        using LanguageModel model = LanguageModel.Load(folder.Path);

        Assert.Equal((16, 2, result.ParameterCount), (model.HiddenSize, model.BlockCount, model.ParameterCount));
        Assert.Equal(model.VocabularySize, model.Tokenizer.VocabularySize);
        Assert.Equal("town", Assert.Single(result.Accuracy).Domain);
    }

    [Fact]
    public void A_cancelled_training_writes_nothing()
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource source = new();
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(
            () => Pretrainer.Train([MiniRavel.Read()], s_tiny, folder.Path, cancellation: source.Token));

        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void An_exploding_training_stops_with_an_error_that_names_the_learning_rate()
    {
        using TemporaryFolder folder = new();

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => Pretrainer.Train([MiniRavel.Read()], s_tiny with { LearningRate = 1e30 }, folder.Path));

        Assert.Equal("TrainingDiverged", error.ErrorId);
        Assert.Contains("learning rate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_found_before_the_training()
    {
        using TemporaryFolder folder = new();
        SeenProgress progress = new();

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => Pretrainer.Train([MiniRavel.Read()], s_tiny, Path.Combine(folder.Write("file", ""), "model"), progress: progress));

        Assert.Equal("WriteFailed", error.ErrorId);
        Assert.Empty(progress.Seen);
    }

    [Fact]
    public void Impossible_options_are_named()
    {
        using TemporaryFolder folder = new();

        Assert.Equal("HiddenSize is 17; it must be a multiple of 4: 2 heads of even width.", Refused(s_tiny with { HiddenSize = 17 }));
        Assert.Equal("ReadingLayer is 2; it must be 0 to 1.", Refused(s_tiny with { ReadingLayer = 2 }));
        Assert.StartsWith("HiddenSize is ", Refused(s_tiny with { HeadCount = int.MaxValue }), StringComparison.Ordinal);
        Assert.StartsWith(
            "BatchTokens is 2147483647; it must be 1 to ", Refused(s_tiny with { BatchTokens = int.MaxValue }), StringComparison.Ordinal);
        Assert.StartsWith("FramesPerFact is 2147483647; it must be 0 to ", Refused(s_tiny with { FramesPerFact = int.MaxValue }),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "WordingsPerFact is -1; it must be 0 to ", Refused(s_tiny with { WordingsPerFact = -1 }), StringComparison.Ordinal);
        Assert.Contains(" GiB are available", Refused(s_tiny with { BlockCount = int.MaxValue }), StringComparison.Ordinal);

        string Refused(PretrainingOptions options) =>
            Assert.Throws<HyperDasException>(() => Pretrainer.Train([MiniRavel.Read()], options, folder.Path)).Message;
    }

    private static byte[] Weights(TemporaryFolder folder) => File.ReadAllBytes(Path.Combine(folder.Path, "model.safetensors"));

    private sealed class Losses : IProgress<WorkProgress>
    {
        internal double First { get; private set; } = double.NaN;

        public void Report(WorkProgress value)
        {
            int at = value.Status.IndexOf("loss ", StringComparison.Ordinal);
            if (at >= 0 && double.IsNaN(First))
            {
                First = double.Parse(value.Status[(at + 5)..], System.Globalization.CultureInfo.InvariantCulture);
            }
        }
    }
}
