namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>
/// OLMo 2: norms after attention and feed-forward layer only; all query heads are normalised together, and all key heads.
/// </summary>
internal sealed class Olmo2Family : LlamaLikeFamily
{
    /// <inheritdoc/>
    public override string Type => "olmo2";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["Olmo2ForCausalLM", "Olmo2Model"];

    /// <inheritdoc/>
    protected override double DefaultEpsilon => 1e-5;

    /// <inheritdoc/>
    protected override BlockSpec Block(ConfigReader config, ModelConfig sizes)
    {
        bool biases = config.Flag("attention_bias");
        return new BlockSpec
        {
            NormPlace = NormPlace.After,
            HeadNorm = HeadNorm.WholeWidth,
            Activation = config.Activation("hidden_act", "silu"),
            QueryKeyValueBias = biases,
            OutputBias = biases,
        };
    }
}
