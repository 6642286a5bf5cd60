using HyperDas.Engine.Checkpoints;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>
/// What a hypernetwork and its training are by default where a copy of the target's embeddings and blocks would take more memory than
/// the target itself: with targets of more than <see cref="TargetLimit"/> weights. Whoever sets AdapterRank or HypernetworkWidth, as the
/// original's options do (to none), gets what is set.
/// </summary>
public static class CompactDefaults
{
    /// <summary>Weights above which a target has a compact hypernetwork unless told otherwise.</summary>
    public const long TargetLimit = 500_000_000;

    // The target's hidden width in multiples of the adapters' rank, of the inner width of the subspace's MLP, and, where the target's
    // blocks can't be a hypernetwork's, of the hypernetwork's own width.
    private const int RankShare = 32, InnerShare = 2, WidthShare = 4;

    /// <summary>The method's options with what isn't set decided.</summary>
    /// <param name="config">The target's shape.</param>
    /// <param name="method">What was asked for, of any method.</param>
    public static MethodOptions Settle(ModelConfig config, MethodOptions method)
    {
        if (!Apply(config, method))
        {
            return method;
        }
        HypernetworkOptions options = (HypernetworkOptions)method;
        options = options with { SubspaceInner = options.SubspaceInner ?? Math.Max(1, config.HiddenSize / InnerShare) };
        return StartingWeights.Obstacle(config, options.Blocks) is null
            ? options with { AdapterRank = Math.Max(1, config.HiddenSize / RankShare) }
            : options with
            {
                HypernetworkWidth = Math.Max(config.HeadWidth, config.HiddenSize / WidthShare / config.HeadWidth * config.HeadWidth)
            };
    }

    /// <summary>The training's options with what isn't set decided.</summary>
    /// <param name="config">The target's shape.</param>
    /// <param name="method">What was asked for, of any method.</param>
    /// <param name="training">How it was asked to be trained.</param>
    public static TrainingOptions Settle(ModelConfig config, MethodOptions method, TrainingOptions training) => Apply(config, method)
        ? training with { MomentFormat = training.MomentFormat ?? MomentFormat.BFloat16, Recompute = training.Recompute ?? true }
        : training;

    /// <summary>What was decided, for people; null where nothing was.</summary>
    /// <param name="config">The target's shape.</param>
    /// <param name="method">What was asked for, of any method.</param>
    public static string? Remark(ModelConfig config, MethodOptions method)
    {
        if (!Apply(config, method))
        {
            return null;
        }
        HypernetworkOptions settled = (HypernetworkOptions)Settle(config, method);
        string kind = settled.AdapterRank is { } rank ? $"AdapterRank {rank}" : $"HypernetworkWidth {settled.HypernetworkWidth}";
        return FormattableString.Invariant(
            $"The target has more than {TargetLimit / 1_000_000} million weights, so the hypernetwork is compact: {kind}, SubspaceInner {settled.SubspaceInner}, and where nothing else is set MomentFormat BFloat16 and Recompute. AdapterRank 0 makes it a copy of the target's embeddings and first blocks, as the original's is.");
    }

    private static bool Apply(ModelConfig config, MethodOptions method) =>
        method is HypernetworkOptions { AdapterRank: null, HypernetworkWidth: null, FromScratch: false }
            && WeightShapes.Count(config) > TargetLimit;
}
