using HyperDas.Engine.Checkpoints;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>
/// Widths of a hypernetwork: its blocks have those of the target model, or those of a narrower model with the same heads.
/// </summary>
/// <param name="Hidden">Width of the residual stream, d.</param>
/// <param name="Heads">Query heads, H.</param>
/// <param name="Groups">Key/value heads, G.</param>
/// <param name="HeadWidth">Width of one head.</param>
/// <param name="Inner">Inner width of the blocks' SwiGLU.</param>
/// <param name="Vocabulary">Number of tokens.</param>
/// <param name="Epsilon">ε of the norms.</param>
/// <param name="Theta">Base of the rotary embedding.</param>
/// <param name="Scaling">Scaling of the rotary embedding, or null.</param>
/// <param name="TargetBlocks">Number of blocks of the target model, L: each token has L + 1 hidden states.</param>
public sealed record HypernetworkShape(
    int Hidden,
    int Heads,
    int Groups,
    int HeadWidth,
    int Inner,
    int Vocabulary,
    double Epsilon,
    double Theta,
    RopeScaling? Scaling,
    int TargetBlocks)
{
    // Multiple to which the inner width of blocks with their own width is rounded.
    private const int InnerMultiple = 8;

    /// <summary>Width of the target's residual stream: of the hidden states read and of the concept vector.</summary>
    public int TargetHidden { get; init; } = Hidden;

    /// <summary>Inner width of the target's feed-forward layers.</summary>
    public int TargetInner { get; init; } = Inner;

    /// <summary>The widths of a hypernetwork for a target model.</summary>
    /// <param name="config">The target's shape.</param>
    /// <param name="options">Parts of the network.</param>
    public static HypernetworkShape Of(ModelConfig config, HypernetworkOptions options)
    {
        HypernetworkShape same = new(
            config.HiddenSize, config.HeadCount, config.KeyValueHeadCount, config.HeadWidth, config.InnerWidth, config.VocabularySize,
            config.NormEpsilon, config.RopeTheta, Rotates(config) ? config.RopeScaling : null, config.BlockCount);
        if (options.HypernetworkWidth is not { } width)
        {
            return same;
        }
        // As many queries per key as in the target, if the number of heads is divisible.
        int heads = Math.Max(1, width / config.HeadWidth), sharing = config.HeadCount / config.KeyValueHeadCount;
        long inner = (long)config.InnerWidth * width / config.HiddenSize;
        return same with
        {
            Hidden = width,
            Heads = heads,
            Groups = heads % sharing == 0 ? heads / sharing : heads,
            Inner = (int)Math.Max(InnerMultiple, (inner + InnerMultiple - 1) / InnerMultiple * InnerMultiple),
            TargetHidden = config.HiddenSize,
            TargetInner = config.InnerWidth,
        };
    }

    // The hypernetwork rotates whole heads; divisors for a part of one don't apply.
    private static bool Rotates(ModelConfig config) => config.RotaryWidth is not { } width || width == config.HeadWidth;

    /// <summary>Width of all query heads together.</summary>
    public int QueryWidth => Heads * HeadWidth;

    /// <summary>Width of all key (or value) heads together.</summary>
    public int KeyWidth => Groups * HeadWidth;
}
