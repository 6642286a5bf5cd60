using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Methods.HyperDas;

namespace HyperDas.Engine.Training.Memory;

/// <summary>
/// Memory allocated by a training step: tensors that automatic differentiation stores for the backward pass, and temporary memory of the
/// backward pass. The terms are derived from the operations; the only measured number is the allocator's slack.
/// </summary>
/// <param name="config">The target model's shape.</param>
/// <param name="targetBytes">Bytes of a number of the target's hidden states.</param>
/// <param name="layer">Intervention layer ℓ.</param>
/// <param name="network">The hypernetwork; null for methods with a fixed position.</param>
/// <param name="largest">Size of the largest trained tensor.</param>
/// <param name="recompute">Whether the blocks above the layer are recomputed in the backward pass.</param>
internal sealed class StepMemory(
    ModelConfig config, int targetBytes, int layer, HypernetworkOptions? network, double largest, bool recompute = false)
{
    private const int Float = sizeof(float);

    // Measured: freed memory that the C library retains, and scratch memory of matrix products, which rearrange narrow formats first.
    private const double Slack = 1.1, NarrowSlack = 1.5;

    private double Hidden => config.HiddenSize;

    private double Query => (double)config.HeadCount * config.HeadWidth;

    private double Key => (double)config.KeyValueHeadCount * config.HeadWidth;

    private double Inner => config.InnerWidth;

    /// <summary>Peak memory in bytes.</summary>
    /// <param name="step">The batch.</param>
    public long Bytes(StepShape step)
    {
        double bytes = UpperBlocks(step, config.BlockCount - layer, toTop: true) + Logits(step)
            + (network is null ? 0 : Network(network, step) + SubspaceModule(network, step)) + (2 * largest * Float);
        return Slacked(bytes);
    }

    /// <summary>Memory of some of the blocks above the layer, if they are on a separate device.</summary>
    /// <param name="step">The batch.</param>
    /// <param name="blocks">Number of blocks; all of them don't take more than <see cref="Bytes"/>.</param>
    /// <param name="toTop">Whether the model's last block is one of them.</param>
    public long BlockBytes(StepShape step, int blocks, bool toTop) => blocks == 0 ? 0 : Slacked(UpperBlocks(step, blocks, toTop));

    private long Slacked(double bytes) => (long)Math.Min(bytes * (targetBytes == Float ? Slack : NarrowSlack), long.MaxValue / 8);

    // Weights are frozen, so products don't store their inputs: norms, attention and the gated product do. The model's last block is
    // computed for the labels' tokens only, except its keys and values.
    private double UpperBlocks(StepShape step, double blocks, bool toTop)
    {
        double tokens = (double)step.Examples * step.Base, labels = (double)step.Examples * step.Labels;
        bool narrow = targetBytes != Float, fused = !narrow && !config.AnyBlock(b => b.ScoreCap is not null);
        // Rotated queries and keys are copies; values are a part of the projection, which is kept with them.
        double copies = config.AnyBlock(b => b.Rotary != RotaryUse.None) ? Query + Key : 0;
        double attention = fused ? Query + (2 * Key) + copies + (config.HeadCount * step.Base)
            : narrow ? (2 * Query) + (3 * Key) + (config.HeadCount * step.Base * 3)
            : Query + (2 * Key) + (config.HeadCount * step.Base * 2);
        // In float32 a norm stores only its input; norms after attention and feed-forward layer have their own inputs.
        double norms = narrow ? (4 * Hidden * Float) + (2 * Hidden * targetBytes) : 2 * Hidden * Float;
        double outputs = config.Block.NormPlace == NormPlace.BeforeAndAfter ? 2 * Hidden : 0;
        // A gate's activation and both factors of its product; an activation alone stores its input.
        double inner = (config.Block.Gated ? 3 : narrow ? 2 : 1) * Inner;
        double kept = norms + ((outputs + attention + inner) * targetBytes);
        double moment = (((config.Block.Gated || narrow ? 4 : 2) * Inner) + (4 * Hidden)) * Math.Max(targetBytes, Float);
        double whole = toTop ? blocks - 1 : blocks;
        // Recomputed blocks store only their input, and one of them exists temporarily.
        double all = recompute && whole > 1 ? (whole * Hidden * targetBytes) + kept : Math.Max(0, whole) * kept;
        double top = toTop && blocks > 0 ? (tokens * ((norms / 2) + (3 * Key * targetBytes))) + (labels * kept) : 0;
        return (tokens * (all + (6 * Hidden * Float))) + top + ((whole > 0 ? tokens : labels) * moment);
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
        // Keys and values, copied by heads for attention.
        double prompts = entries * ((2 * Hidden) + narrowed + (options.Blocks * key * 2));
        // Each of four norms stores its input, that divided by its length, and the result.
        double self = (3 * width) + (2 * key), inner = 4 * own.Inner, adapters = 16 * (options.AdapterRank ?? 0);
        double perBlock = self + (9 * width) + (6 * query) + inner + (own.Heads * (seen + step.Instruction)) + adapters;
        // In the last block, only the last token of an instruction remains after self-attention's keys and values.
        double blocks = (instructions * (((options.Blocks - 1) * perBlock) + self)) + (step.Examples * perBlock);
        double pairs = (double)step.Examples * step.BaseShown * step.SourceShown * 12;
        double head = entries * ((options.Selection == SelectionScore.Bilinear ? 2.5 : 1) * width + (3 * key));
        return (prompts + blocks + pairs + head) * Float;
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
