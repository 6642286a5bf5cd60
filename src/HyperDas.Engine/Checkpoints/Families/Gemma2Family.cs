namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Gemma 2: Gemma with four norms a block, soft caps, and a window in every other block.</summary>
internal sealed class Gemma2Family : LlamaLikeFamily
{
    /// <inheritdoc/>
    public override string Type => "gemma2";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["Gemma2ForCausalLM", "Gemma2Model"];

    /// <inheritdoc/>
    protected override bool TiedByDefault => true;

    /// <inheritdoc/>
    protected override int DefaultPositions => 8192;

    /// <inheritdoc/>
    protected override int? DefaultHeadWidth => 256;

    /// <inheritdoc/>
    public override string? Sketch(NewModelSizes sizes) => SketchOf(
        sizes, ("hidden_act", "gelu_pytorch_tanh"), ("hidden_activation", "gelu_pytorch_tanh"), ("attention_bias", false),
        ("rms_norm_eps", 1e-6),
        ("query_pre_attn_scalar", sizes.Hidden / sizes.Heads), ("sliding_window", sizes.Positions), ("attn_logit_softcapping", 50.0),
        ("final_logit_softcapping", 30.0));

    /// <inheritdoc/>
    protected override BlockSpec Block(ConfigReader config, ModelConfig sizes) =>
        // hidden_activation applies; files have both keys.
        GemmaBlock(config) with { ScoreCap = config.Has("attn_logit_softcapping") ? config.Cap("attn_logit_softcapping") : 50 };

    /// <inheritdoc/>
    protected override ModelConfig Differ(ConfigReader config, ModelConfig read)
    {
        int? window = config.Has("sliding_window") && config.Find("sliding_window") is null ? null : config.Size("sliding_window", 4096);
        return WithWindows(config, read, window, block => block % 2 == 0) with
        {
            EmbeddingScale = Math.Sqrt(read.HiddenSize),
            LogitCap = config.Has("final_logit_softcapping") ? config.Cap("final_logit_softcapping") : 30,
        };
    }

    /// <summary>The block of Gemma 2 and 3, without caps.</summary>
    /// <param name="config">The file.</param>
    internal static BlockSpec GemmaBlock(ConfigReader config)
    {
        bool biases = config.Flag("attention_bias");
        _ = config.Text("hidden_act");
        return new BlockSpec
        {
            Norm = NormKind.RmsPlusOne,
            NormPlace = NormPlace.BeforeAndAfter,
            Activation = config.Activation("hidden_activation", "gelu_pytorch_tanh"),
            ScoreScale = 1 / Math.Sqrt(config.Factor("query_pre_attn_scalar", 256)),
            QueryKeyValueBias = biases,
            OutputBias = biases,
        };
    }
}
