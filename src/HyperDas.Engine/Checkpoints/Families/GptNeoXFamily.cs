namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>GPT-NeoX and Pythia: attention and feed-forward layer side by side, a part of each head rotates, LayerNorm, biases.</summary>
internal sealed class GptNeoXFamily : ModelFamily
{
    /// <inheritdoc/>
    public override string Type => "gpt_neox";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["GPTNeoXForCausalLM", "GPTNeoXModel"];

    /// <inheritdoc/>
    protected override string Prefix => "gpt_neox.";

    /// <inheritdoc/>
    public override bool IsBuffer(string name) =>
        name.EndsWith(".attention.bias", StringComparison.Ordinal) || name.EndsWith(".attention.masked_bias", StringComparison.Ordinal)
            || base.IsBuffer(name);

    /// <inheritdoc/>
    protected override ModelConfig Read(ConfigReader config)
    {
        int hidden = config.Size("hidden_size"), heads = config.Size("num_attention_heads"), vocabulary = config.Size("vocab_size");
        if (hidden % (2 * heads) != 0)
        {
            throw config.Invalid("hidden_size", hidden.ToString(), $"it must be a multiple of {2 * heads}: {heads} heads of even width");
        }
        int width = hidden / heads, positions = config.Size("max_position_embeddings", 2048, int.MaxValue);
        bool biases = config.Flag("attention_bias", true);
        double share = config.Number("rotary_pct", 0.25, v => v is > 0 and <= 1, "greater than 0 and at most 1");
        share = config.Number("partial_rotary_factor", share, v => v is > 0 and <= 1, "greater than 0 and at most 1");
        double theta = config.Number("rotary_emb_base", 10000, v => v is > 1 and <= 1e12, "between 1 and 1e12");
        Rope rope = RopeReader.Read(config, Rotated, positions, theta: theta, share: share);
        return new ModelConfig
        {
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            BlockCount = config.Size("num_hidden_layers", max: 4096),
            HeadCount = heads,
            KeyValueHeadCount = heads,
            HeadWidth = width,
            InnerWidth = config.Size("intermediate_size"),
            Block = new BlockSpec
            {
                Norm = NormKind.Layer,
                QueryKeyValueBias = biases,
                OutputBias = biases,
                FeedForwardBias = true,
                ParallelResidual = config.Flag("use_parallel_residual", true),
                Gated = false,
                Activation = config.Activation("hidden_act", "gelu"),
            },
            NormEpsilon = config.Number("layer_norm_eps", 1e-5, v => v is >= 0 and < 1, "at least 0 and less than 1"),
            RopeTheta = rope.Theta,
            RopeScaling = rope.Scaling,
            RotaryWidth = Rotated(rope.Share),
            MaxPositions = positions,
            TiedHead = config.Flag("tie_word_embeddings"),
            BosTokenId = config.Tokens("bos_token_id", vocabulary) is [int bos, ..] ? bos : null,
            EosTokenIds = config.EndTokens(),
            TorchDtype = config.Text("torch_dtype") ?? config.Text("dtype"),
        };

        int Rotated(double part) => (int)(width * part) is var rotated && rotated >= 2 && rotated % 2 == 0
            ? rotated : throw config.Invalid("rotary_pct", $"{part}", $"an even number of a head's {width} dimensions must rotate");
    }

    /// <inheritdoc/>
    public override IEnumerable<StoredWeight> Weights(ModelConfig config)
    {
        yield return new("gpt_neox.embed_in.weight", WeightRole.Embedding);
        for (int i = 0; i < config.BlockCount; i++)
        {
            string block = $"gpt_neox.layers.{i}.";
            yield return new(block + "input_layernorm.weight", WeightRole.AttentionNorm, i);
            yield return new(block + "input_layernorm.bias", WeightRole.AttentionNormBias, i);
            yield return new(
                block + "attention.query_key_value.weight", i, WeightLayout.RowsByHead, WeightRole.Query, WeightRole.Key, WeightRole.Value);
            yield return new(block + "attention.dense.weight", WeightRole.Output, i);
            if (config.Block.QueryKeyValueBias)
            {
                yield return new(block + "attention.query_key_value.bias", i, WeightLayout.RowsByHead, WeightRole.QueryBias,
                    WeightRole.KeyBias, WeightRole.ValueBias);
                yield return new(block + "attention.dense.bias", WeightRole.OutputBias, i);
            }
            yield return new(block + "post_attention_layernorm.weight", WeightRole.FeedForwardNorm, i);
            yield return new(block + "post_attention_layernorm.bias", WeightRole.FeedForwardNormBias, i);
            yield return new(block + "mlp.dense_h_to_4h.weight", WeightRole.Up, i);
            yield return new(block + "mlp.dense_h_to_4h.bias", WeightRole.UpBias, i);
            yield return new(block + "mlp.dense_4h_to_h.weight", WeightRole.Down, i);
            yield return new(block + "mlp.dense_4h_to_h.bias", WeightRole.DownBias, i);
        }
        yield return new("gpt_neox.final_layer_norm.weight", WeightRole.FinalNorm);
        yield return new("gpt_neox.final_layer_norm.bias", WeightRole.FinalNormBias);
        if (!config.TiedHead)
        {
            yield return new("embed_out.weight", WeightRole.Head);
        }
    }
}
