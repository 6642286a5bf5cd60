using System.Text.Json.Nodes;

namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>
/// GPT-2: learned positions, LayerNorm, biases everywhere, projections stored transposed, queries, keys and values in one tensor.
/// </summary>
internal sealed class Gpt2Family : ModelFamily
{
    /// <inheritdoc/>
    public override string Type => "gpt2";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["GPT2LMHeadModel", "GPT2Model"];

    /// <inheritdoc/>
    protected override string Prefix => "transformer.";

    /// <inheritdoc/>
    public override bool IsBuffer(string name) =>
        name.EndsWith(".attn.bias", StringComparison.Ordinal) || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string? Sketch(NewModelSizes sizes) => new JsonObject
    {
        ["architectures"] = new JsonArray(Architectures[0]),
        ["model_type"] = Type,
        ["vocab_size"] = sizes.Vocabulary,
        ["n_embd"] = sizes.Hidden,
        ["n_layer"] = sizes.Blocks,
        ["n_head"] = sizes.Heads,
        ["n_inner"] = sizes.Inner,
        ["n_positions"] = sizes.Positions,
        ["activation_function"] = "gelu_new",
        ["layer_norm_epsilon"] = 1e-5,
        ["tie_word_embeddings"] = true,
        ["bos_token_id"] = sizes.Bos,
        ["eos_token_id"] = sizes.Eos,
    }.ToJsonString();

    /// <inheritdoc/>
    protected override ModelConfig Read(ConfigReader config)
    {
        // transformers accepts either name of a size.
        int Either(string name, string general, int fallback, int max = ConfigReader.MaxSize) =>
            config.Size(name, config.Size(general, fallback, max), max);
        int hidden = Either("n_embd", "hidden_size", 768), heads = Either("n_head", "num_attention_heads", 12);
        int blocks = Either("n_layer", "num_hidden_layers", 12, 4096), vocabulary = config.Size("vocab_size", 50257);
        if (hidden % (2 * heads) != 0)
        {
            throw config.Invalid("n_embd", hidden.ToString(), $"it must be a multiple of {2 * heads}: {heads} heads of even width");
        }
        double scale = config.Flag("scale_attn_weights", true) ? 1 / Math.Sqrt((double)hidden / heads) : 1;
        BlockSpec block = new()
        {
            Norm = NormKind.Layer,
            QueryKeyValueBias = true,
            OutputBias = true,
            FeedForwardBias = true,
            Gated = false,
            Activation = config.Activation("activation_function", "gelu_new"),
            Rotary = RotaryUse.None,
            ScoreScale = scale,
        };
        return new ModelConfig
        {
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            BlockCount = blocks,
            HeadCount = heads,
            KeyValueHeadCount = heads,
            HeadWidth = hidden / heads,
            InnerWidth = config.Size("n_inner", 4 * hidden),
            Block = block,
            Blocks = config.Flag("scale_attn_by_inverse_layer_idx")
                ? [.. Enumerable.Range(1, blocks).Select(depth => block with { ScoreScale = scale / depth })] : null,
            NormEpsilon = config.Number("layer_norm_epsilon", 1e-5, v => v is >= 0 and < 1, "at least 0 and less than 1"),
            LearnedPositions = true,
            MaxPositions = Either("n_positions", "max_position_embeddings", 1024),
            TiedHead = config.Flag("tie_word_embeddings", true),
            BosTokenId = config.Tokens("bos_token_id", vocabulary) is [int bos, ..] ? bos : null,
            EosTokenIds = config.EndTokens(),
            TorchDtype = config.Text("torch_dtype") ?? config.Text("dtype"),
        };
    }

    /// <inheritdoc/>
    public override IEnumerable<StoredWeight> Weights(ModelConfig config)
    {
        yield return new("transformer.wte.weight", WeightRole.Embedding);
        yield return new("transformer.wpe.weight", WeightRole.Positions);
        for (int i = 0; i < config.BlockCount; i++)
        {
            string block = $"transformer.h.{i}.";
            yield return new(block + "ln_1.weight", WeightRole.AttentionNorm, i);
            yield return new(block + "ln_1.bias", WeightRole.AttentionNormBias, i);
            yield return new(block + "attn.c_attn.weight", i, WeightLayout.Columns, WeightRole.Query, WeightRole.Key, WeightRole.Value);
            yield return new(
                block + "attn.c_attn.bias", i, WeightLayout.Rows, WeightRole.QueryBias, WeightRole.KeyBias, WeightRole.ValueBias);
            yield return new(block + "attn.c_proj.weight", i, WeightLayout.Columns, WeightRole.Output);
            yield return new(block + "attn.c_proj.bias", WeightRole.OutputBias, i);
            yield return new(block + "ln_2.weight", WeightRole.FeedForwardNorm, i);
            yield return new(block + "ln_2.bias", WeightRole.FeedForwardNormBias, i);
            yield return new(block + "mlp.c_fc.weight", i, WeightLayout.Columns, WeightRole.Up);
            yield return new(block + "mlp.c_fc.bias", WeightRole.UpBias, i);
            yield return new(block + "mlp.c_proj.weight", i, WeightLayout.Columns, WeightRole.Down);
            yield return new(block + "mlp.c_proj.bias", WeightRole.DownBias, i);
        }
        yield return new("transformer.ln_f.weight", WeightRole.FinalNorm);
        yield return new("transformer.ln_f.bias", WeightRole.FinalNormBias);
        if (!config.TiedHead)
        {
            yield return new("lm_head.weight", WeightRole.Head);
        }
    }
}
