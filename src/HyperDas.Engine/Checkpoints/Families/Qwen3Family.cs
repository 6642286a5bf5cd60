namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Qwen 3: Llama with norms of each query and key head; biases and windows are possible.</summary>
internal sealed class Qwen3Family : LlamaLikeFamily
{
    /// <inheritdoc/>
    public override string Type => "qwen3";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["Qwen3ForCausalLM", "Qwen3Model"];

    /// <inheritdoc/>
    protected override int DefaultPositions => 32768;

    /// <inheritdoc/>
    protected override int? DefaultHeadWidth => 128;

    /// <inheritdoc/>
    public override string? Sketch(NewModelSizes sizes) =>
        SketchOf(sizes, ("attention_bias", false), ("rms_norm_eps", 1e-6), ("rope_theta", 1000000), ("use_sliding_window", false));

    /// <inheritdoc/>
    protected override BlockSpec Block(ConfigReader config, ModelConfig sizes)
    {
        bool biases = config.Flag("attention_bias");
        return new BlockSpec
        {
            Activation = config.Activation("hidden_act", "silu"),
            HeadNorm = HeadNorm.EachHead,
            QueryKeyValueBias = biases,
            OutputBias = biases,
        };
    }

    /// <inheritdoc/>
    protected override ModelConfig Differ(ConfigReader config, ModelConfig read) => Qwen2Family.WithLaterWindows(config, read);
}
