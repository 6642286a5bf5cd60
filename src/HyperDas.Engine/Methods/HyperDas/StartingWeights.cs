using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>
/// Initial values of a hypernetwork: the target's embeddings and final norm, and copies of its first blocks if these have the structure of
/// a hypernetwork's blocks. Factors that the family applies elsewhere are included in the copies.
/// </summary>
/// <param name="target">The target model.</param>
/// <param name="options">Parts of the hypernetwork.</param>
/// <param name="generator">Source of random initial values.</param>
internal sealed class StartingWeights(LanguageModel target, HypernetworkOptions options, Generator generator)
{
    private readonly bool _copies = !options.FromScratch && options.HypernetworkWidth is null
        && Obstacle(target.Config, options.Blocks) is null;

    /// <summary>Why blocks of a target can't be copied; null if they can.</summary>
    /// <param name="config">The target's shape.</param>
    /// <param name="blocks">Number of its first blocks.</param>
    public static string? Obstacle(ModelConfig config, int blocks)
    {
        // Also called for a command's warning, before the options themselves are validated.
        foreach (BlockSpec spec in Enumerable.Range(0, Math.Clamp(blocks, 0, config.BlockCount)).Select(config.BlockAt))
        {
            string? obstacle = spec switch
            {
                { Norm: NormKind.Layer } => "LayerNorm",
                { NormPlace: not NormPlace.Before } => "norms after attention and feed-forward layer",
                { ParallelResidual: true } => "attention and feed-forward layer in parallel",
                { HeadNorm: not HeadNorm.None } => "norms of queries and keys",
                { QueryKeyValueBias: true } or { OutputBias: true } or { FeedForwardBias: true } => "biases",
                { Gated: false } => "a feed-forward layer without a gate",
                { Activation: not Activation.Silu } => $"the activation {spec.Activation}",
                { Rotary: not RotaryUse.Main } => "blocks with different rotary embeddings or none",
                { ScoreCap: not null } => "capped scores",
                _ => config.RotaryWidth is { } width && width != config.HeadWidth ? "heads that rotate only in part" : null,
            };
            if (obstacle is not null)
            {
                return obstacle;
            }
        }
        return null;
    }

    /// <summary>Initial values of the token embeddings, <c>[vocabulary, hidden]</c>.</summary>
    public Tensor Embedding()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor copy = Copy(WeightRole.Embedding, -1);
        return (target.Config.EmbeddingScale == 1 ? copy : copy * target.Config.EmbeddingScale).MoveToOuterDisposeScope();
    }

    /// <summary>Initial values of the final norm, <c>[hidden]</c>: a norm of another kind or width has no counterpart.</summary>
    public Tensor FinalNorm() => options.HypernetworkWidth is { } width ? ones(width)
        : target.Config.Block.Norm == NormKind.Layer ? ones(target.HiddenSize) : Norm(WeightRole.FinalNorm, -1);

    /// <summary>Initial values of a block's weight, copied or random.</summary>
    /// <param name="role">The role.</param>
    /// <param name="block">0-based index.</param>
    /// <param name="size">Its size.</param>
    public Tensor Of(WeightRole role, int block, params long[] size)
    {
        if (!_copies)
        {
            return size.Length == 1 ? ones(size) : Initialise.Linear(size[0], size[1], generator);
        }
        using DisposeScope scope = NewDisposeScope();
        double factor = Factor(role, block);
        Tensor copy = size.Length == 1 ? Norm(role, block) : Copy(role, block);
        return (factor == 1 ? copy : copy * factor).MoveToOuterDisposeScope();
    }

    /// <summary>The family's factor of the product with a weight that is applied elsewhere.</summary>
    /// <param name="role">The role.</param>
    /// <param name="block">0-based index.</param>
    public double Factor(WeightRole role, int block) => role switch
    {
        WeightRole.Query => ScoreFactor(target.Config, target.Config.BlockAt(block)),
        WeightRole.Output or WeightRole.Down => target.Config.BlockAt(block).ResidualScale,
        _ => 1,
    };

    /// <summary>A weight of a block as the target holds it, without copying.</summary>
    /// <param name="block">0-based index.</param>
    /// <param name="roles">Roles whose rows are stacked in it.</param>
    public Tensor Own(int block, params WeightRole[] roles)
    {
        BlockTensors own = target.Blocks[block].Tensors;
        return roles switch
        {
            [WeightRole.Query, WeightRole.Key, WeightRole.Value] => own.QueryKeyValue,
            [WeightRole.Query] => own.Query,
            [WeightRole.Key, WeightRole.Value] => own.KeyValue,
            [WeightRole.Output] => own.Output,
            [WeightRole.Gate, WeightRole.Up] => own.Up,
            [WeightRole.Down] => own.Down,
            _ => throw new ArgumentException($"The target has no matrix for {string.Join(", ", roles)}.", nameof(roles)),
        };
    }

    /// <summary>The target's own embeddings of tokens, as input of its first block.</summary>
    /// <param name="ids"><c>[tokens]</c>, int64.</param>
    /// <returns><c>[tokens, d]</c>, float32, in the caller's dispose scope.</returns>
    public Tensor Embedded(Tensor ids)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = target.EmbeddingWeight.index_select(0, ids).to_type(ScalarType.Float32);
        return (target.Config.EmbeddingScale == 1 ? rows : rows * target.Config.EmbeddingScale).MoveToOuterDisposeScope();
    }

    // Compensates for factors that the hypernetwork's attention (factor 1/√headWidth, unscaled tables) lacks.
    private static double ScoreFactor(ModelConfig config, BlockSpec spec)
    {
        double table = config.RopeScaling switch { YarnRopeScaling yarn => yarn.TableScale,
            LongRopeScaling stretched => stretched.TableScale, _ => 1 };
        return (spec.ScoreScale is { } scale ? scale * Math.Sqrt(config.HeadWidth) : 1) * table * table;
    }

    private Tensor Norm(WeightRole role, int block)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor copy = Copy(role, block);
        return (target.Config.Block.Norm == NormKind.RmsPlusOne ? copy + 1 : copy).MoveToOuterDisposeScope();
    }

    private Tensor Copy(WeightRole role, int block) => target.Weight(role, block)!.to_type(ScalarType.Float32, copy: true);
}
