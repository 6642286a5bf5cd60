namespace HyperDas.Engine.Checkpoints;

/// <summary>
/// What one decoder block computes, as data: the one implementation (<c>LanguageModels.DecoderBlock</c>) reads it, and no family has a
/// forward pass of its own. The defaults are Llama's.
/// </summary>
public sealed record BlockSpec
{
    /// <summary>How states are normalised; the model's final norm is of the same kind.</summary>
    public NormKind Norm { get; init; }

    /// <summary>Where the norms are.</summary>
    public NormPlace NormPlace { get; init; }

    /// <summary>Normalisation of queries and keys before they are rotated.</summary>
    public HeadNorm HeadNorm { get; init; }

    /// <summary>Whether the query, key and value projections have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the projection after attention has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Whether the projections of the feed-forward layer have biases.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>Whether attention and feed-forward layer both read the block's input and their outputs are summed.</summary>
    public bool ParallelResidual { get; init; }

    /// <summary>Whether the feed-forward layer is down( activation(gate x) ⊙ up x ); otherwise it is down( activation(up x) ).</summary>
    public bool Gated { get; init; } = true;

    /// <summary>The feed-forward layer's activation.</summary>
    public Activation Activation { get; init; }

    /// <summary>Which rotary tables rotate queries and keys.</summary>
    public RotaryUse Rotary { get; init; } = RotaryUse.Main;

    /// <summary>Number of tokens that a query attends to, including itself; null: all preceding ones.</summary>
    public int? Window { get; init; }

    /// <summary>Factor of the attention scores; null: 1/√headWidth.</summary>
    public double? ScoreScale { get; init; }

    /// <summary>c of the soft cap c · tanh(score / c); null: none.</summary>
    public double? ScoreCap { get; init; }

    /// <summary>Factor of the outputs of attention and feed-forward layer before they are added to the residual stream.</summary>
    public double ResidualScale { get; init; } = 1;
}
