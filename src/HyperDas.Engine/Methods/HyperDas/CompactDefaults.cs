using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>
/// Default options of a hypernetwork and its training for targets with more than <see cref="TargetLimit"/> weights, for which a copy of the
/// target's embeddings and blocks would take more memory than the target itself. Explicit values of AdapterRank or HypernetworkWidth, as in
/// the original's options (none), take precedence.
/// </summary>
public static class CompactDefaults
{
    /// <summary>Number of weights above which a target has a compact hypernetwork by default.</summary>
    public const long TargetLimit = 500_000_000;

    // The target's hidden width in multiples of the adapters' rank, of the inner width of the subspace's MLP, of the span of its output,
    // and, if the target's blocks can't be a hypernetwork's, of the hypernetwork's own width.
    private const int RankShare = 32, InnerShare = 2, SpanShare = 4, WidthShare = 4;

    // The span in multiples of the feature dimension, or of the reflections: a span that is hardly larger than its subspaces leaves
    // any two of them most directions in common, which cost 6 to 11 points in experiments (docs/performance.md).
    private const int SpanRoom = 8;

    /// <summary>The method's options with unset ones determined.</summary>
    /// <param name="config">The target's shape.</param>
    /// <param name="method">The requested options, of any method.</param>
    public static MethodOptions Settle(ModelConfig config, MethodOptions method)
    {
        if (!Apply(config, method))
        {
            return method;
        }
        HypernetworkOptions options = (HypernetworkOptions)method;
        options = options with
        {
            SubspaceInner = options.SubspaceInner ?? Math.Max(1, config.HiddenSize / InnerShare),
            SubspaceSpan = options.SubspaceSpan ?? SpanOf(config, options),
        };
        return StartingWeights.Obstacle(config, options.Blocks) is null
            ? options with { AdapterRank = Math.Max(1, config.HiddenSize / RankShare) }
            : options with
            {
                HypernetworkWidth = Math.Max(config.HeadWidth, config.HiddenSize / WidthShare / config.HeadWidth * config.HeadWidth)
            };
    }

    /// <summary>The training's options with unset ones determined.</summary>
    /// <param name="config">The target's shape.</param>
    /// <param name="method">The requested options, of any method.</param>
    /// <param name="training">The requested options of the training.</param>
    public static TrainingOptions Settle(ModelConfig config, MethodOptions method, TrainingOptions training) => Apply(config, method)
        ? training with { MomentFormat = training.MomentFormat ?? MomentFormat.BFloat16, Recompute = training.Recompute ?? true }
        : training;

    /// <summary>The options that were determined, for display; null for none.</summary>
    /// <param name="config">The target's shape.</param>
    /// <param name="method">The requested options, of any method.</param>
    public static string? Remark(ModelConfig config, MethodOptions method)
    {
        if (!Apply(config, method))
        {
            return null;
        }
        HypernetworkOptions settled = (HypernetworkOptions)Settle(config, method);
        return FormattableString.Invariant(
            $"The target has more than {TargetLimit / 1_000_000} million weights, so the hypernetwork is compact: {Words(settled)} and, unless set otherwise, MomentFormat BFloat16 and Recompute. AdapterRank 0 makes it a copy of the target's embeddings and first blocks, as in the original.");
    }

    /// <summary>
    /// What would be trained instead if a hypernetwork that isn't compact beside a large target were as it is by default; null where the
    /// target isn't large, or where the hypernetwork is compact or of a width of its own.
    /// </summary>
    /// <param name="config">The target's shape.</param>
    /// <param name="method">What is trained, of any method.</param>
    /// <param name="training">How it is trained.</param>
    public static (HypernetworkOptions Method, TrainingOptions Training)? Instead(
        ModelConfig config, MethodOptions method, TrainingOptions training)
    {
        if (Apply(config, method) || method is not HypernetworkOptions { AdapterRank: null or 0, HypernetworkWidth: null } full)
        {
            return null;
        }
        HypernetworkOptions asked = full with { AdapterRank = null, FromScratch = false };
        return Apply(config, asked)
            ? ((HypernetworkOptions)Settle(config, asked), Settle(config, asked, training with { MomentFormat = null, Recompute = null }))
            : null;
    }

    /// <summary>
    /// The training memory of a hypernetwork that isn't compact for a large target, and that of the default one, for display; null where
    /// <see cref="Instead"/> is.
    /// </summary>
    /// <param name="config">The target's shape.</param>
    /// <param name="method">Options of any method.</param>
    /// <param name="training">Options of the training.</param>
    public static string? Price(ModelConfig config, MethodOptions method, TrainingOptions training)
    {
        if (Instead(config, method, training) is not { } compact)
        {
            return null;
        }
        return FormattableString.Invariant(
            $"Values, gradients and moments of this hypernetwork take {GiB(config, (HypernetworkOptions)method, training):N1} GiB. With the compact defaults for a target of this size ({Words(compact.Method)}), they would take {GiB(config, compact.Method, compact.Training):N1}.");
    }

    private static int? SpanOf(ModelConfig config, HypernetworkOptions options)
    {
        long span = Math.Max(config.HiddenSize / SpanShare, SpanRoom * (long)Math.Max(options.FeatureDimension, options.Reflections));
        return options.MakesVectors && span < config.HiddenSize ? (int)span : null;
    }

    private static double GiB(ModelConfig config, HypernetworkOptions method, TrainingOptions training) =>
        HypernetworkSize.Of(HypernetworkShape.Of(config, method), method).Total
            * MemoryCheck.TrainedBytesOf(training.MomentFormat ?? MomentFormat.Float32) / (1L << 30);

    private static string Words(HypernetworkOptions settled)
    {
        string kind = settled.AdapterRank is { } rank ? $"AdapterRank {rank}" : $"HypernetworkWidth {settled.HypernetworkWidth}";
        string span = settled.SubspaceSpan is { } dimensions and > 0 ? $", SubspaceSpan {dimensions}" : "";
        return FormattableString.Invariant($"{kind}, SubspaceInner {settled.SubspaceInner}{span}");
    }

    private static bool Apply(ModelConfig config, MethodOptions method) =>
        method is HypernetworkOptions { AdapterRank: null, HypernetworkWidth: null, FromScratch: false }
            && WeightShapes.Count(config) > TargetLimit;
}
