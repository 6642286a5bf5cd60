namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Granite: Llama with factors of the embeddings, the scores, what is added to the residual stream, and the logits.</summary>
internal sealed class GraniteFamily : LlamaLikeFamily
{
    /// <inheritdoc/>
    public override string Type => "granite";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["GraniteForCausalLM", "GraniteModel"];

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
            ScoreScale = config.Factor("attention_multiplier", 1),
            ResidualScale = config.Factor("residual_multiplier", 1),
        };
    }

    /// <inheritdoc/>
    protected override ModelConfig Differ(ConfigReader config, ModelConfig read) => read with
    {
        EmbeddingScale = config.Factor("embedding_multiplier", 1),
        LogitDivisor = config.Factor("logits_scaling", 1),
    };
}
