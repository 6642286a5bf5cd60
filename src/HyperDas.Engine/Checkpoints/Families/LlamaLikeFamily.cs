using System.Text.Json.Nodes;

namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>What the families around Llama share: keys of the configuration and names of tensors. Each says how it differs.</summary>
internal abstract class LlamaLikeFamily : ModelFamily
{
    private const string Full = "full_attention", Sliding = "sliding_attention";

    /// <summary>Whether the head is tied where the file doesn't say.</summary>
    protected virtual bool TiedByDefault => false;

    /// <summary>The longest text where the file doesn't say.</summary>
    protected virtual int DefaultPositions => 2048;

    /// <summary>ε of the norms where the file doesn't say.</summary>
    protected virtual double DefaultEpsilon => 1e-6;

    /// <summary>Base θ where the file doesn't say.</summary>
    protected virtual double DefaultTheta => 10000;

    /// <summary>Width of a head where the file doesn't say; null: hidden width / heads.</summary>
    protected virtual int? DefaultHeadWidth => null;

    /// <summary>What each block computes.</summary>
    /// <param name="config">The file.</param>
    /// <param name="sizes">What was read already.</param>
    protected abstract BlockSpec Block(ConfigReader config, ModelConfig sizes);

    /// <summary>Applies the differences from Llama, per block and outside the blocks.</summary>
    /// <param name="config">The file.</param>
    /// <param name="read">What was read so far.</param>
    protected virtual ModelConfig Differ(ConfigReader config, ModelConfig read) => read;

    /// <summary>Reads the rotary embedding.</summary>
    /// <param name="config">The file.</param>
    /// <param name="sizes">What was read so far.</param>
    protected virtual ModelConfig Rotary(ConfigReader config, ModelConfig sizes)
    {
        Rope rope = RopeReader.Read(config, share => RotaryWidth(config, sizes.HeadWidth, share), sizes.MaxPositions, theta: DefaultTheta);
        // In an object of the rotary embedding; as a top-level key it is read only by families that declare it.
        return rope.Share == 1 ? sizes with { RopeTheta = rope.Theta, RopeScaling = rope.Scaling }
            : throw config.Unsupported(
                "rope_parameters.partial_rotary_factor", $"{rope.Share}", $"the family \"{Type}\" rotates whole heads");
    }

    /// <inheritdoc/>
    protected override ModelConfig Read(ConfigReader config)
    {
        int hidden = config.Size("hidden_size"), heads = config.Size("num_attention_heads");
        int groups = config.Size("num_key_value_heads", heads);
        int width = HeadWidthOf(config, hidden, heads, groups);
        int vocabulary = config.Size("vocab_size");
        ModelConfig sizes = new()
        {
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            BlockCount = config.Size("num_hidden_layers", max: 4096),
            HeadCount = heads,
            KeyValueHeadCount = groups,
            HeadWidth = width,
            InnerWidth = config.Size("intermediate_size"),
            NormEpsilon = config.Number("rms_norm_eps", DefaultEpsilon, v => v is >= 0 and < 1, "at least 0 and less than 1"),
            TiedHead = config.Flag("tie_word_embeddings", TiedByDefault),
            MaxPositions = config.Size("max_position_embeddings", DefaultPositions, int.MaxValue),
            BosTokenId = config.Tokens("bos_token_id", vocabulary) is [int bos, ..] ? bos : null,
            EosTokenIds = config.EndTokens(),
            TorchDtype = config.Text("torch_dtype") ?? config.Text("dtype"),
        };
        ModelConfig rotated = Rotary(config, sizes);
        return Differ(config, rotated with { Block = Block(config, rotated) });
    }

    /// <inheritdoc/>
    public override IEnumerable<StoredWeight> Weights(ModelConfig config)
    {
        yield return new StoredWeight("model.embed_tokens.weight", WeightRole.Embedding);
        for (int i = 0; i < config.BlockCount; i++)
        {
            foreach (StoredWeight weight in BlockWeights(config, i))
            {
                yield return weight with { Name = $"model.layers.{i}.{weight.Name}", Block = i };
            }
        }
        yield return new StoredWeight("model.norm.weight", WeightRole.FinalNorm);
        if (!config.TiedHead)
        {
            yield return new StoredWeight("lm_head.weight", WeightRole.Head);
        }
    }

    /// <summary>The tensors of a block, under their names in it.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="block">0-based index.</param>
    protected virtual IEnumerable<StoredWeight> BlockWeights(ModelConfig config, int block)
    {
        BlockSpec spec = config.BlockAt(block);
        return WeightShapes.OfBlock(spec).Select(role => new StoredWeight(NameOf(role, spec.NormPlace), role));
    }

    /// <summary>Name of a weight in its block.</summary>
    /// <param name="role">The role.</param>
    /// <param name="place">Where the block's norms are: with two of them, Llama's second norm precedes the feed-forward layer.</param>
    protected static string NameOf(WeightRole role, NormPlace place) => role switch
    {
        WeightRole.AttentionNorm => "input_layernorm.weight",
        WeightRole.Query => "self_attn.q_proj.weight",
        WeightRole.Key => "self_attn.k_proj.weight",
        WeightRole.Value => "self_attn.v_proj.weight",
        WeightRole.QueryBias => "self_attn.q_proj.bias",
        WeightRole.KeyBias => "self_attn.k_proj.bias",
        WeightRole.ValueBias => "self_attn.v_proj.bias",
        WeightRole.QueryNorm => "self_attn.q_norm.weight",
        WeightRole.KeyNorm => "self_attn.k_norm.weight",
        WeightRole.Output => "self_attn.o_proj.weight",
        WeightRole.OutputBias => "self_attn.o_proj.bias",
        WeightRole.AttentionOutputNorm => "post_attention_layernorm.weight",
        WeightRole.FeedForwardNorm => place == NormPlace.Before ? "post_attention_layernorm.weight" : "pre_feedforward_layernorm.weight",
        WeightRole.FeedForwardOutputNorm => "post_feedforward_layernorm.weight",
        WeightRole.Gate => "mlp.gate_proj.weight",
        WeightRole.Up => "mlp.up_proj.weight",
        WeightRole.Down => "mlp.down_proj.weight",
        WeightRole.GateBias => "mlp.gate_proj.bias",
        WeightRole.UpBias => "mlp.up_proj.bias",
        WeightRole.DownBias => "mlp.down_proj.bias",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Such a block has no weight with this role."),
    };

    /// <summary>Dimensions of a head that rotate.</summary>
    /// <param name="config">The file.</param>
    /// <param name="headWidth">Width of a head.</param>
    /// <param name="share">The fraction of it that rotates.</param>
    protected static int RotaryWidth(ConfigReader config, int headWidth, double share)
    {
        int width = (int)(headWidth * share);
        return width >= 2 && width % 2 == 0 ? width
            : throw config.Invalid("partial_rotary_factor", $"{share}", $"an even number of a head's {headWidth} dimensions must rotate");
    }

    /// <summary>Gives some blocks a sliding window.</summary>
    /// <param name="config">The file.</param>
    /// <param name="read">What was read so far.</param>
    /// <param name="window">Length of the window in tokens; null: no block has one.</param>
    /// <param name="slides">Which blocks have it where the file has no <c>layer_types</c>.</param>
    /// <param name="with">Further differences of these blocks.</param>
    protected static ModelConfig WithWindows(
        ConfigReader config, ModelConfig read, int? window, Func<int, bool> slides, Func<BlockSpec, BlockSpec>? with = null)
    {
        string[]? kinds = config.Texts("layer_types");
        if (kinds is not null && (kinds.Length != read.BlockCount || kinds.FirstOrDefault(k => k is not (Full or Sliding)) is not null))
        {
            throw config.Unsupported(
                "layer_types", $"[{string.Join(", ", kinds.Take(8))}{(kinds.Length > 8 ? ", ..." : "")}]",
                $"it must be \"{Full}\" or \"{Sliding}\" for each of {read.BlockCount} blocks");
        }
        bool[] slide =
            [.. Enumerable.Range(0, read.BlockCount).Select(i => kinds is null ? window is not null && slides(i) : kinds[i] == Sliding)];
        if (slide.Any(s => s) && window is null)
        {
            throw config.Invalid("sliding_window", "missing", "blocks with \"sliding_attention\" need it");
        }
        BlockSpec near = (with ?? (spec => spec))(read.Block with { Window = window });
        return slide.Any(s => s) ? read with { Blocks = [.. slide.Select(s => s ? near : read.Block)] } : read;
    }

    /// <summary>Configuration of a small new model.</summary>
    /// <param name="sizes">Its sizes.</param>
    /// <param name="more">Keys that differ from Llama's and replace them.</param>
    protected string SketchOf(NewModelSizes sizes, params (string Key, JsonNode? Value)[] more)
    {
        JsonObject json = new()
        {
            ["architectures"] = new JsonArray(Architectures[0]),
            ["model_type"] = Type,
            ["vocab_size"] = sizes.Vocabulary,
            ["hidden_size"] = sizes.Hidden,
            ["num_hidden_layers"] = sizes.Blocks,
            ["num_attention_heads"] = sizes.Heads,
            ["num_key_value_heads"] = sizes.Groups,
            ["head_dim"] = sizes.Hidden / sizes.Heads,
            ["intermediate_size"] = sizes.Inner,
            ["hidden_act"] = "silu",
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10000,
            ["tie_word_embeddings"] = true,
            ["max_position_embeddings"] = sizes.Positions,
            ["bos_token_id"] = sizes.Bos,
            ["eos_token_id"] = sizes.Eos,
        };
        foreach ((string key, JsonNode? value) in more)
        {
            json[key] = value;
        }
        return json.ToJsonString();
    }

    private int HeadWidthOf(ConfigReader config, int hidden, int heads, int groups)
    {
        if (heads % groups != 0)
        {
            throw config.Invalid("num_key_value_heads", groups.ToString(), $"it must divide num_attention_heads, {heads}");
        }
        if (config.Find("head_dim") is null && DefaultHeadWidth is null && hidden % heads != 0)
        {
            throw config.Invalid(
                "hidden_size", hidden.ToString(), $"without head_dim it must be a multiple of num_attention_heads, {heads}");
        }
        int width = config.Size("head_dim", DefaultHeadWidth ?? hidden / heads);
        return width % 2 == 0 && (long)width * heads <= ConfigReader.MaxSize ? width
            : throw config.Invalid(
                "head_dim", width.ToString(), $"it must be even, and times num_attention_heads at most {ConfigReader.MaxSize}");
    }
}
