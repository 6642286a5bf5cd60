namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Gemma 1: embeddings × √hidden, norms × (1 + weight), tanh GELU, tied head.</summary>
internal sealed class GemmaFamily : LlamaLikeFamily
{
    /// <inheritdoc/>
    public override string Type => "gemma";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["GemmaForCausalLM", "GemmaModel"];

    /// <inheritdoc/>
    protected override bool TiedByDefault => true;

    /// <inheritdoc/>
    protected override int DefaultPositions => 8192;

    /// <inheritdoc/>
    protected override int? DefaultHeadWidth => 256;

    /// <inheritdoc/>
    protected override BlockSpec Block(ConfigReader config, ModelConfig sizes)
    {
        bool biases = config.Flag("attention_bias");
        const string Usual = "gelu_pytorch_tanh";
        if (config.Text("hidden_activation") is { } other && other != (config.Text("hidden_act") ?? Usual))
        {
            config.Remarks.Add(
                $"config.json has hidden_act \"{config.Text("hidden_act") ?? Usual}\" and hidden_activation \"{other}\"; hidden_act is used, as in transformers 4.57 and 5.");
        }
        return new BlockSpec
        {
            Norm = NormKind.RmsPlusOne,
            Activation = config.Activation("hidden_act", Usual),
            QueryKeyValueBias = biases,
            OutputBias = biases,
        };
    }

    /// <inheritdoc/>
    protected override ModelConfig Differ(ConfigReader config, ModelConfig read) =>
        read with { EmbeddingScale = Math.Sqrt(read.HiddenSize) };
}
