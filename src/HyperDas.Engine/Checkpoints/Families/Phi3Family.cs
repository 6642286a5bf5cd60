namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Phi 3 and 4-mini: Llama with fused projections; only a part of each head may rotate, and blocks may have a window.</summary>
internal sealed class Phi3Family : LlamaLikeFamily
{
    /// <inheritdoc/>
    public override string Type => "phi3";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["Phi3ForCausalLM", "Phi3Model"];

    /// <inheritdoc/>
    protected override int DefaultPositions => 4096;

    /// <inheritdoc/>
    protected override double DefaultEpsilon => 1e-5;

    /// <inheritdoc/>
    protected override BlockSpec Block(ConfigReader config, ModelConfig sizes) => new()
    {
        Activation = config.Activation("hidden_act", "silu"),
        Window = config.Find("sliding_window") is null ? null : config.Size("sliding_window"),
    };

    /// <inheritdoc/>
    protected override ModelConfig Rotary(ConfigReader config, ModelConfig sizes)
    {
        double share = config.Number("partial_rotary_factor", 1, v => v is > 0 and <= 1, "greater than 0 and at most 1");
        Rope rope = RopeReader.Read(config, s => RotaryWidth(config, sizes.HeadWidth, s), sizes.MaxPositions, share: share);
        return sizes with
        {
            RopeTheta = rope.Theta, RopeScaling = rope.Scaling, RotaryWidth = RotaryWidth(config, sizes.HeadWidth, rope.Share)
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<StoredWeight> BlockWeights(ModelConfig config, int block) =>
    [
        new("input_layernorm.weight", WeightRole.AttentionNorm),
        new("self_attn.qkv_proj.weight", block, WeightLayout.Rows, WeightRole.Query, WeightRole.Key, WeightRole.Value),
        new("self_attn.o_proj.weight", WeightRole.Output),
        new("post_attention_layernorm.weight", WeightRole.FeedForwardNorm),
        new("mlp.gate_up_proj.weight", block, WeightLayout.Rows, WeightRole.Gate, WeightRole.Up),
        new("mlp.down_proj.weight", WeightRole.Down),
    ];
}
