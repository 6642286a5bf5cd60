using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

/// <summary>Llamas of a few thousand random weights, always the same ones.</summary>
internal static class TinyLlama
{
    internal static ModelConfig Config { get; } = new()
    {
        VocabularySize = 50,
        HiddenSize = 16,
        BlockCount = 3,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadWidth = 6,
        InnerWidth = 24,
        NormEpsilon = 1e-5,
        RopeTheta = 10000,
        EosTokenIds = [49],
        BosTokenId = 48,
    };

    /// <summary>The same with the vocabulary of <see cref="TinyTokenizer"/> without merges.</summary>
    internal static ModelConfig TextConfig { get; } = Config with { VocabularySize = 258, BosTokenId = 256, EosTokenIds = [257] };

    /// <summary>Random weights by Hugging Face name; they belong to the caller's dispose scope.</summary>
    internal static Dictionary<string, Tensor> Weights(ModelConfig config, ScalarType dtype = ScalarType.Float32)
    {
        using Generator random = new(7, CPU);
        Dictionary<string, Tensor> weights = [];
        long d = config.HiddenSize, queries = config.HeadCount * config.HeadWidth, keys = config.KeyValueHeadCount * config.HeadWidth;
        Add("model.embed_tokens.weight", config.VocabularySize, d);
        for (int i = 0; i < config.BlockCount; i++)
        {
            string block = $"model.layers.{i}.";
            Add(block + "input_layernorm.weight", d);
            Add(block + "self_attn.q_proj.weight", queries, d);
            Add(block + "self_attn.k_proj.weight", keys, d);
            Add(block + "self_attn.v_proj.weight", keys, d);
            Add(block + "self_attn.o_proj.weight", d, queries);
            Add(block + "post_attention_layernorm.weight", d);
            Add(block + "mlp.gate_proj.weight", config.InnerWidth, d);
            Add(block + "mlp.up_proj.weight", config.InnerWidth, d);
            Add(block + "mlp.down_proj.weight", d, config.InnerWidth);
        }
        Add("model.norm.weight", d);
        if (!config.TiedHead)
        {
            Add("lm_head.weight", config.VocabularySize, d);
        }
        return weights;

        void Add(string name, params long[] shape) =>
            weights.Add(name, randn(shape, generator: random).mul(0.3).add(shape.Length == 1 ? 1 : 0).to_type(dtype));
    }

    internal static LanguageModel Create(
        ModelConfig? config = null, ScalarType dtype = ScalarType.Float32, Tokenizer? tokenizer = null, ModelDtype? computed = null,
        IReadOnlyList<Device>? devices = null)
    {
        using DisposeScope scope = NewDisposeScope();
        return LanguageModel.FromWeights(config ?? Config, Weights(config ?? Config, dtype), "tiny", tokenizer, computed, devices);
    }

    /// <summary>A model that reads text, byte by byte.</summary>
    internal static LanguageModel CreateWithTokenizer() => Create(TextConfig, tokenizer: TinyTokenizer.Build([]));

    /// <summary>Writes a Hugging Face folder.</summary>
    internal static void Save(string folder, ModelConfig? config = null, ScalarType dtype = ScalarType.Float32)
    {
        using DisposeScope scope = NewDisposeScope();
        (config ?? Config).Save(folder);
        SafetensorsWriter.Write(Path.Combine(folder, ModelCheckpoint.SingleFileName), [.. Weights(config ?? Config, dtype)]);
    }

    /// <summary>Token ids and mask of prompts padded on one side.</summary>
    internal static (Tensor Ids, Tensor Mask) Batch(bool left, params int[][] prompts) =>
        left ? PaddedSequences.Left(prompts, CPU) : PaddedSequences.Right(prompts, CPU);

    /// <summary>Output of the last block, before the final norm.</summary>
    internal static Tensor Run(LanguageModel model, Tensor ids, Tensor mask) =>
        model.StateAt(ids, mask, model.BlockCount);
}
