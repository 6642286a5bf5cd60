using System.Text.Json;
using System.Text.Json.Nodes;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Golden;

/// <summary>Models of random weights in the shape of the golden ones, but with a vocabulary of bytes, so that they read text.</summary>
internal static class FamilyModels
{
    private const int Positions = 256;

    /// <summary>The configuration of a golden model with the vocabulary of <see cref="TinyTokenizer"/> without merges.</summary>
    /// <param name="name">The golden case.</param>
    /// <param name="change">What else differs.</param>
    public static ModelConfig Config(string name, Action<JsonObject>? change = null)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(Path.Combine(GoldenCase.FolderOf(name), ModelConfig.FileName)))!.AsObject();
        (json["vocab_size"], json["bos_token_id"], json["eos_token_id"]) = (258, 256, 257);
        json[json.ContainsKey("n_positions") ? "n_positions" : "max_position_embeddings"] = Positions;
        change?.Invoke(json);
        using JsonDocument document = JsonDocument.Parse(json.ToJsonString());
        return ModelFamily.Read(document.RootElement, name);
    }

    /// <summary>Random weights by stored name, always the same ones; they belong to the caller's dispose scope.</summary>
    public static Dictionary<string, Tensor> Weights(ModelConfig config)
    {
        using Generator random = new(7, CPU);
        return ModelFamily.Of(config).Weights(config).ToDictionary(
            w => w.Name, w => w.Shape(config) is var shape && shape.Length == 1
                ? randn(shape, generator: random).mul(0.1)
                    .add(w.Name.Contains("norm", StringComparison.Ordinal) || w.Name.Contains("ln_", StringComparison.Ordinal) ? 1 : 0)
                : randn(shape, generator: random).mul(0.2));
    }

    /// <summary>A model that reads text, byte by byte.</summary>
    public static LanguageModel Create(string name, Action<JsonObject>? change = null)
    {
        using DisposeScope scope = NewDisposeScope();
        ModelConfig config = Config(name, change);
        return LanguageModel.FromWeights(config, Weights(config), name, TinyTokenizer.Build([]));
    }
}
