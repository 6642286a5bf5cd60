using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Training.Pretraining;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training.Pretraining;

/// <summary>Models of every family that can be trained from scratch.</summary>
public class FamilyPretrainingTests
{
    private const int Tokens = 12;

    public static TheoryData<string> Families() => [.. Pretrainer.Families];

    public static TheoryData<string> Models() => [.. GoldenModels.Names().Where(name => FamilyModels.Config(name).TiedHead)];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_small_model_learns_and_is_written_as_its_family_is(string family)
    {
        using TemporaryFolder folder = new();
        PretrainingOptions options = new()
        {
            Family = family, HiddenSize = 16, BlockCount = 2, HeadCount = 2, KeyValueHeadCount = family == "gpt2" ? 2 : 1, InnerSize = 24,
                VocabularySize = 300, ReadingLayer = 1,
            Tokens = 4000, BatchTokens = 512, LearningRate = 1e-2,
        };

        PretrainingResult result = Pretrainer.Train([MiniRavel.Read()], options, folder.Path);
        PretrainingResult longer = Pretrainer.Train([MiniRavel.Read()], options with { Tokens = 20000 }, folder.Path);
        using LanguageModel model = LanguageModel.Load(folder.Path);

        Assert.True(longer.FinalLoss < result.FinalLoss, $"{longer.FinalLoss} after more tokens, {result.FinalLoss} before");
        Assert.Equal(family, model.Architecture);
        Assert.Empty(model.Remarks);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_trained_computes_what_the_model_computes_that_is_loaded_of_its_weights(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        // Trainings have no windows: theirs are as long as the longest text.
        ModelConfig config = FamilyModels.Config(name, json => json["sliding_window"] = json["sliding_window"] is null ? null : 256);
        using TrainableDecoder trained = new(config, seed: 3, ModelDtype.Float32);
        // Larger than a start: scores that differ between positions.
        using (no_grad())
        {
            foreach (KeyValuePair<string, Tensor> weight in trained.Store.State())
            {
                weight.Value.add_(randn(weight.Value.shape) * 0.05);
            }
        }
        using LanguageModel loaded = LanguageModel.FromWeights(config, NewModel.Stored(trained, config).ToDictionary(), name);
        Tensor ids = randint(2, 40, [3, Tokens], generator: new Generator(5, CPU)).to_type(ScalarType.Int64);
        Tensor mask = full([3, 1, Tokens, Tokens], -30000f).triu(1);

        Tensor rows = trained.Forward(new PretrainingBatch(
            ids, mask, mask, ReadingBlock: 1, ones(3, 1, 1), arange(3 * Tokens), zeros(1), zeros(1), Swap: null));

        Tensor expected = loaded.Logits(
            loaded.StateAt(ids, ones(3, Tokens, dtype: ScalarType.Bool), config.BlockCount)).view(3 * Tokens, -1);
        GoldenCase.AssertClose(expected, rows, 1e-4);
    }
}
