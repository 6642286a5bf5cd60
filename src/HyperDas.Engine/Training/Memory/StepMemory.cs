using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Methods.HyperDas;

namespace HyperDas.Engine.Training.Memory;

/// <summary>
/// What a training step allocates: what automatic differentiation keeps for the way back, and what the way back needs for a moment. The
/// terms are counted from the operations; the one measured number is the allocator's slack.
/// </summary>
/// <param name="config">The target model's shape.</param>
/// <param name="targetBytes">Bytes of a number of the target's hidden states.</param>
/// <param name="layer">Intervention layer ℓ.</param>
/// <param name="network">The hypernetwork; null for methods with a fixed position.</param>
/// <param name="largest">Numbers of the largest tensor that is trained.</param>
/// <param name="recompute">Whether the blocks above the layer are run again on the way back.</param>
internal sealed class StepMemory(
    ModelConfig config, int targetBytes, int layer, HypernetworkOptions? network, double largest, bool recompute = false)
{
    private const int Float = sizeof(float);

    // Measured: freed pieces that the C library keeps, and scratch memory of matrix products, whose narrow numbers are rearranged first.
    private const double Slack = 1.1, NarrowSlack = 1.5;

    private double Hidden => config.HiddenSize;

    private double Query => (double)config.HeadCount * config.HeadWidth;

    private double Key => (double)config.KeyValueHeadCount * config.HeadWidth;

    private double Inner => config.InnerWidth;

    /// <summary>Bytes at the highest.</summary>
    /// <param name="step">The batch.</param>
    public long Bytes(StepShape step)
    {
        double bytes = UpperBlocks(step, config.BlockCount - layer) + Logits(step)
            + (network is null ? 0 : Network(network, step) + SubspaceModule(network, step)) + (2 * largest * Float);
        return Slacked(bytes);
    }

    /// <summary>Bytes of that which some of the blocks above the layer take, where they live on a device of their own.</summary>
    /// <param name="step">The batch.</param>
    /// <param name="blocks">How many; all of them don't take more than <see cref="Bytes"/>.</param>
    public long BlockBytes(StepShape step, int blocks) => blocks == 0 ? 0 : Slacked(UpperBlocks(step, blocks));

    private long Slacked(double bytes) => (long)Math.Min(bytes * (targetBytes == Float ? Slack : NarrowSlack), long.MaxValue / 8);

    // Weights are frozen, so that products keep nothing of their inputs: norms, attention and the gated product do.
    private double UpperBlocks(StepShape step, double blocks)
    {
        double tokens = (double)step.Examples * step.Base;
        bool narrow = targetBytes != Float, fused = !narrow && !config.AnyBlock(b => b.ScoreCap is not null);
        double attention = fused ? (2 * Query) + (2 * Key) + config.HeadCount
            : narrow ? (2 * Query) + (3 * Key) + (config.HeadCount * step.Base * 3)
            : Query + (2 * Key) + (config.HeadCount * step.Base * 2);
        // LayerNorm is one operation, which keeps its input; norms after attention and feed-forward layer have inputs of their own.
        double norms = narrow ? (4 * Hidden * Float) + (2 * Hidden * targetBytes)
            : (config.Block.Norm == NormKind.Layer ? 2 : 4) * Hidden * Float;
        double outputs = config.Block.NormPlace == NormPlace.BeforeAndAfter ? 2 * Hidden : 0;
        // A gate's activation and both factors of its product; an activation by itself keeps its input.
        double inner = (config.Block.Gated ? 3 : narrow ? 2 : 1) * Inner;
        double kept = norms + ((outputs + attention + inner) * targetBytes);
        double moment = (((config.Block.Gated || narrow ? 4 : 2) * Inner) + (4 * Hidden)) * Math.Max(targetBytes, Float);
        // Of blocks that are run again only the input stays; the last one isn't, and another one is there for a moment.
        double all = recompute && blocks > 2 ? ((blocks - 1) * Hidden * targetBytes) + (2 * kept) : blocks * kept;
        return tokens * (all + moment + (6 * Hidden * Float));
    }

    private double Logits(StepShape step) => (double)step.Examples * step.Labels * config.VocabularySize * Float * 4;

    private double Network(HypernetworkOptions options, StepShape step)
    {
        HypernetworkShape own = HypernetworkShape.Of(config, options);
        double width = own.Hidden, query = own.QueryWidth, key = own.KeyWidth;
        double levels = options.Reads == StackDepth.AllLayers ? config.BlockCount + 2 : 1;
        double entries = (double)step.Examples * (step.BaseShown + step.SourceShown) * levels;
        double instructions = (double)step.Examples * step.Instruction;
        double seen = (step.BaseShown + step.SourceShown) * levels;
        double narrowed = options.HypernetworkWidth is null ? 0 : 2 * width;
        double prompts = entries * ((2 * Hidden) + narrowed + (options.Blocks * key * 7));
        double perBlock = (12 * width) + (6 * query) + (6 * key) + (6 * own.Inner) + (own.Heads * 3 * (seen + step.Instruction))
            + (16 * (options.AdapterRank ?? 0));
        double pairs = (double)step.Examples * step.BaseShown * step.SourceShown * 12;
        double head = entries * (2 * width + (6 * key));
        return (prompts + (instructions * options.Blocks * perBlock) + pairs + head) * Float;
    }

    private double SubspaceModule(HypernetworkOptions options, StepShape step)
    {
        double k = options.FeatureDimension, r = options.Reflections, inner = options.SubspaceInner ?? Inner;
        double rows = (double)step.Examples * step.Base, made = 2 * (options.SubspaceSpan ?? 0);
        (double vectors, double mlp) = options.Subspace switch
        {
            SubspaceKind.Householder => (((5 * Hidden) + made) * r + (8 * r * r), 6 * inner),
            SubspaceKind.Generated => (((5 * Hidden) + made) * k + (8 * k * k), 6 * inner),
            SubspaceKind.Mask => (4 * k, 6 * inner),
            _ => (0.0, 0.0),
        };
        double edit = rows * ((6 * Hidden) + (4 * Math.Max(r, k)));
        return ((step.Examples * (vectors + mlp)) + edit + (6 * Hidden * k)) * Float;
    }
}
