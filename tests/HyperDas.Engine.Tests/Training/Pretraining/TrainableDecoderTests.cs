using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Training.Pretraining;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training.Pretraining;

public class TrainableDecoderTests
{
    private const int Tokens = 12;

    private static readonly ModelConfig s_config = new()
    {
        VocabularySize = 40, HiddenSize = 16, BlockCount = 2, HeadCount = 4, KeyValueHeadCount = 2, HeadWidth = 4, InnerWidth = 24,
        NormEpsilon = 1e-5, TiedHead = true, MaxPositions = 256, BosTokenId = 0, EosTokenIds = [1], TorchDtype = "float32",
    };

    [Theory]
    [InlineData(ModelDtype.BFloat16, 0.05)]
    [InlineData(ModelDtype.Float32, 1e-5)]
    public void What_is_trained_computes_what_the_model_computes_that_is_loaded_of_its_weights(ModelDtype computed, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        using TrainableDecoder trained = new(s_config, seed: 3, computed);
        // Larger than a start: scores that differ between positions.
        using (no_grad())
        {
            foreach (KeyValuePair<string, Tensor> weight in trained.Store.State()
                .Where(w => !w.Key.Contains("norm", StringComparison.Ordinal)))
            {
                weight.Value.mul_(3);
            }
        }
        using TemporaryFolder folder = new();
        s_config.Save(folder.Path);
        SafetensorsWriter.Write(Path.Combine(folder.Path, "model.safetensors"), [.. trained.Store.State()]);
        using LanguageModel loaded = LanguageModel.Load(folder.Path, ModelDtype.Float32);
        Tensor ids = randint(2, 40, [3, Tokens], generator: new Generator(5, CPU)).to_type(ScalarType.Int64);
        Tensor mask = full([3, 1, Tokens, Tokens], -30000f).triu(1);

        Tensor rows = trained.Forward(new PretrainingBatch(
            ids, mask, mask, ReadingBlock: 1, ones(3, 1, 1), arange(3 * Tokens), zeros(1), zeros(1), Swap: null));
        Tensor expected = loaded.Logits(loaded.StateAt(ids, ones(3, Tokens, dtype: ScalarType.Bool), 2)).view(3 * Tokens, -1);

        double error = (rows - expected).norm().item<float>() / expected.norm().item<float>();
        Assert.True(error < tolerance, $"{error}");
    }
}
