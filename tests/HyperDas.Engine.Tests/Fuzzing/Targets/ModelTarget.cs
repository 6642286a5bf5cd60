using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.LanguageModels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>A target model's folder: configuration and weights, or shards with an index, and a pass through what was loaded.</summary>
internal sealed class ModelTarget : FuzzTarget
{
    private static readonly ModelConfig s_config =
        TinyLlama.Config with { HiddenSize = 8, BlockCount = 1, InnerWidth = 8, HeadCount = 2, KeyValueHeadCount = 1, HeadWidth = 4 };

    public ModelTarget()
    {
        using TemporaryFolder whole = new(), scaled = new(), shards = new();
        TinyLlama.Save(whole.Path, s_config);
        TinyLlama.Save(
            scaled.Path, s_config with { TiedHead = true, RopeScaling = new Llama3RopeScaling(8, 1, 4, 64) }, ScalarType.BFloat16);
        Shards.Save(shards.Path);
        // Weights have separate targets; this one is about the configuration.
        Seeds =
        [
            FuzzFile.Of(whole.Path, FuzzFile.KindOf, ModelCheckpoint.SingleFileName),
            FuzzFile.Of(scaled.Path, FuzzFile.KindOf, ModelCheckpoint.SingleFileName),
            FuzzFile.Of(whole.Path, FuzzFile.KindOf, ModelConfig.FileName), FuzzFile.Of(shards.Path, FuzzFile.KindOf, Shards.Names),
        ];
    }

    internal override string Name => "model";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; }

    internal override IReadOnlyList<string> Words =>
    [
        "rope_scaling", "rope_parameters", "rope_theta", "rope_type", "llama3", "default", "linear", "factor", "head_dim", "vocab_size",
        "num_hidden_layers", "hidden_size",
        "intermediate_size", "tie_word_embeddings", "quantization_config", "torch_dtype", "bfloat16", "model_type", "mistral",
        "max_position_embeddings", "weight_map", "metadata",
        "model.embed_tokens.weight", "lm_head.weight", "model.norm.weight", "model-00001-of-00002.safetensors", "../model.safetensors",
        "/etc/passwd", "config.json", ".", "I64", "F16",
    ];

    internal override void Read(string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = LanguageModel.Load(folder);
        using IDisposable frozen = no_grad();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: true, [0, 0, 0], [0]);
        TinyLlama.Run(model, ids, mask);
    }
}
