using System.Text.Json;

namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Llama 1 to 3, and all that has its shape.</summary>
internal sealed class LlamaFamily : LlamaLikeFamily
{
    /// <summary>Its <c>model_type</c>.</summary>
    public const string Name = ModelConfig.DefaultFamily;

    /// <inheritdoc/>
    public override string Type => Name;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["LlamaForCausalLM", "LlamaModel"];

    /// <summary>Writes the configuration of a plain Llama.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="config">The configuration.</param>
    public static void Write(Utf8JsonWriter json, ModelConfig config)
    {
        BlockSpec spec = config.Block;
        if (config.Family != Name || spec with { QueryKeyValueBias = false, OutputBias = false, FeedForwardBias = false } != new BlockSpec()
            || config.Blocks is not null)
        {
            throw new InvalidOperationException("Only plain Llamas can be written without their original file.");
        }
        json.WriteStartObject();
        json.WriteStartArray("architectures");
        json.WriteStringValue("LlamaForCausalLM");
        json.WriteEndArray();
        json.WriteString("model_type", Name);
        json.WriteString("hidden_act", "silu");
        json.WriteBoolean("attention_bias", spec.OutputBias);
        json.WriteBoolean("mlp_bias", spec.FeedForwardBias);
        ModelConfig.WriteSizes(json, config);
        json.WriteNumber("max_position_embeddings", config.MaxPositions);
        if (config.BosTokenId is { } bos)
        {
            json.WriteNumber("bos_token_id", bos);
        }
        if (config.EosTokenIds.Count == 1)
        {
            json.WriteNumber("eos_token_id", config.EosTokenIds[0]);
        }
        else if (config.EosTokenIds.Count > 1)
        {
            json.WriteStartArray("eos_token_id");
            foreach (int eos in config.EosTokenIds)
            {
                json.WriteNumberValue(eos);
            }
            json.WriteEndArray();
        }
        json.WriteString("torch_dtype", config.TorchDtype ?? "float32");
        json.WriteEndObject();
    }

    /// <inheritdoc/>
    public override string? Sketch(NewModelSizes sizes) => SketchOf(sizes, ("attention_bias", false), ("mlp_bias", false));

    /// <inheritdoc/>
    protected override BlockSpec Block(ConfigReader config, ModelConfig sizes)
    {
        bool biases = config.Flag("attention_bias");
        return new BlockSpec
        {
            Activation = config.Activation("hidden_act", "silu"),
            QueryKeyValueBias = biases,
            OutputBias = biases,
            FeedForwardBias = config.Flag("mlp_bias"),
        };
    }
}
