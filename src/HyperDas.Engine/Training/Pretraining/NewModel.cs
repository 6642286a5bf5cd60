using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>A model that is trained from scratch: its configuration, and its weights in its family's file layout.</summary>
internal static class NewModel
{
    private const int Positions = 256;

    /// <summary>The families that can be trained from scratch, by <c>model_type</c>.</summary>
    public static IReadOnlyList<string> Families { get; } =
        [.. ModelFamily.All.Where(f => f.Sketch(new NewModelSizes(2, 2, 1, 1, 1, 1, 1, 0, 1)) is not null).Select(f => f.Type)];

    /// <summary>The configuration of a new model.</summary>
    /// <param name="options">Family and sizes.</param>
    /// <param name="bpe">Its tokenizer.</param>
    public static ModelConfig Config(PretrainingOptions options, TrainedBpe bpe)
    {
        NewModelSizes sizes = new(
            bpe.VocabularySize, options.HiddenSize, options.BlockCount, options.HeadCount, options.KeyValueHeadCount, options.InnerSize,
            Positions, bpe.BosId, bpe.EosId);
        string sketch = ModelFamily.All.First(f => f.Type == options.Family).Sketch(sizes)!;
        using JsonDocument document = JsonDocument.Parse(sketch.TrimEnd()[..^1] + ", \"torch_dtype\": \"bfloat16\"}");
        return ModelFamily.Read(document.RootElement, ModelConfig.FileName);
    }

    /// <summary>Writes the weights.</summary>
    /// <param name="model">The model.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void SaveWeights(TrainableDecoder model, ModelConfig config, string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        SafetensorsWriter.Write(
            Path.Combine(folder, ModelCheckpoint.SingleFileName),
            [.. Stored(model, config).Select(w => new KeyValuePair<string, Tensor>(w.Key, w.Value.to_type(ScalarType.BFloat16)))],
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>The weights in the family's file layout.</summary>
    /// <param name="model">The model.</param>
    /// <param name="config">Its configuration.</param>
    /// <returns>Tensors by name, in the caller's dispose scope.</returns>
    public static IEnumerable<KeyValuePair<string, Tensor>> Stored(TrainableDecoder model, ModelConfig config)
    {
        Dictionary<string, Tensor> weights = model.Store.State().ToDictionary(w => w.Key, w => w.Value);
        StoredWeight[] stored = [.. ModelFamily.Of(config).Weights(config)];
        Dictionary<(WeightRole Role, int Block), string> names = StoredWeight.NamesByRole(stored);
        return stored.Select(w => new KeyValuePair<string, Tensor>(
            w.Name, LanguageModels.StoredLayout.Join(w, config, [.. w.Roles.Select(role => weights[names[(role, w.Block)]].detach())])));
    }
}
