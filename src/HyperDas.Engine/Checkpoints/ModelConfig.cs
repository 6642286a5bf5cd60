using System.Text.Json.Nodes;

namespace HyperDas.Engine.Checkpoints;

/// <summary>The shape of a language model and what its blocks compute, as read from <c>config.json</c>. Equal by value.</summary>
public sealed partial record ModelConfig
{
    /// <summary>Name of the file inside a model's folder.</summary>
    public const string FileName = "config.json";

    /// <summary>The family of a configuration that was made in memory.</summary>
    internal const string DefaultFamily = "llama";

    /// <summary>Name of the family (<c>model_type</c>).</summary>
    public string Family { get; init; } = DefaultFamily;

    /// <summary>V, the number of tokens (<c>vocab_size</c>).</summary>
    public required int VocabularySize { get; init; }

    /// <summary>d, the width of the residual stream (<c>hidden_size</c>).</summary>
    public required int HiddenSize { get; init; }

    /// <summary>L, the number of blocks (<c>num_hidden_layers</c>).</summary>
    public required int BlockCount { get; init; }

    /// <summary>H, the number of query heads (<c>num_attention_heads</c>).</summary>
    public required int HeadCount { get; init; }

    /// <summary>G, the number of key/value heads (<c>num_key_value_heads</c>); divides H.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of one head (<c>head_dim</c>); even.</summary>
    public required int HeadWidth { get; init; }

    /// <summary>Inner width of the feed-forward layer (<c>intermediate_size</c>).</summary>
    public required int InnerWidth { get; init; }

    /// <summary>What every block computes, unless <see cref="Blocks"/> overrides it.</summary>
    public BlockSpec Block { get; init; } = new();

    /// <summary>What each block computes, where blocks differ; null: all as <see cref="Block"/>.</summary>
    public IReadOnlyList<BlockSpec>? Blocks { get; init; }

    /// <summary>ε of the normalisations (<c>rms_norm_eps</c>).</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Base θ of the rotary embedding (<c>rope_theta</c>).</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>Scaling of the rotary embedding (<c>rope_scaling</c>), or null.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Base θ of blocks with <see cref="RotaryUse.Local"/>.</summary>
    public double LocalRopeTheta { get; init; } = 10000;

    /// <summary>How many of a head's dimensions rotate, even; null: all.</summary>
    public int? RotaryWidth { get; init; }

    /// <summary>Factor of the token embeddings.</summary>
    public double EmbeddingScale { get; init; } = 1;

    /// <summary>
    /// Whether a learned vector is added to the embeddings for each position; there are <see cref="MaxPositions"/> of them.
    /// </summary>
    public bool LearnedPositions { get; init; }

    /// <summary>Divisor of the logits.</summary>
    public double LogitDivisor { get; init; } = 1;

    /// <summary>c of the soft cap c · tanh(logit / c); null: none.</summary>
    public double? LogitCap { get; init; }

    /// <summary>Whether the output head is the embedding matrix (<c>tie_word_embeddings</c>).</summary>
    public bool TiedHead { get; init; }

    /// <summary>Maximum length of a text in tokens (<c>max_position_embeddings</c>).</summary>
    public int MaxPositions { get; init; } = 2048;

    /// <summary>Token that starts a text (<c>bos_token_id</c>), or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Tokens that end a text (<c>eos_token_id</c>: one or a list).</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Number format of the weights according to the file (<c>torch_dtype</c>), e.g. <c>bfloat16</c>, or null.</summary>
    public string? TorchDtype { get; init; }

    /// <summary>Remarks for the user: unknown keys and minor contradictions.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>The file's text, or null for a configuration that was created in memory.</summary>
    internal string? Source { get; init; }

    /// <summary>What a block computes.</summary>
    /// <param name="block">0-based index.</param>
    public BlockSpec BlockAt(int block) => Blocks is null ? Block : Blocks[block];

    /// <summary>Whether any block meets a condition.</summary>
    /// <param name="condition">The condition.</param>
    public bool AnyBlock(Predicate<BlockSpec> condition) => Blocks is null ? condition(Block) : Blocks.Any(spec => condition(spec));

    /// <summary>The same shape with a separate output head.</summary>
    internal ModelConfig WithOwnHead()
    {
        if (!TiedHead || Source is null)
        {
            return this with { TiedHead = false };
        }
        JsonObject source = JsonNode.Parse(Source)!.AsObject();
        source["tie_word_embeddings"] = false;
        return this with { TiedHead = false, Source = source.ToJsonString() };
    }

    /// <inheritdoc/>
    public bool Equals(ModelConfig? other) =>
        other is not null && (Family, MaxPositions, BosTokenId) == (other.Family, other.MaxPositions, other.BosTokenId)
        && EosTokenIds.SequenceEqual(other.EosTokenIds) && FunctionOf(this).SequenceEqual(FunctionOf(other));

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Family, VocabularySize, HiddenSize, BlockCount, HeadCount, InnerWidth, MaxPositions);
}
