using static HyperDas.Engine.Checkpoints.WeightRole;

namespace HyperDas.Engine.Checkpoints;

/// <summary>The roles in a model, and their shapes.</summary>
public static class WeightShapes
{
    /// <summary>Shape of a role's weight.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="role">The role.</param>
    public static long[] Of(ModelConfig config, WeightRole role)
    {
        long d = config.HiddenSize, inner = config.InnerWidth, width = config.HeadWidth;
        long queries = config.HeadCount * width, keys = config.KeyValueHeadCount * width;
        bool eachHead = config.Block.HeadNorm == HeadNorm.EachHead;
        return role switch
        {
            Embedding or Head => [config.VocabularySize, d],
            Positions => [config.MaxPositions, d],
            Query => [queries, d],
            Key or Value => [keys, d],
            QueryBias => [queries],
            KeyBias or ValueBias => [keys],
            QueryNorm => [eachHead ? width : queries],
            KeyNorm => [eachHead ? width : keys],
            Output => [d, queries],
            Gate or Up => [inner, d],
            Down => [d, inner],
            GateBias or UpBias => [inner],
            _ => [d],
        };
    }

    /// <summary>The roles of one block.</summary>
    /// <param name="spec">What the block computes.</param>
    public static IEnumerable<WeightRole> OfBlock(BlockSpec spec)
    {
        bool before = spec.NormPlace != NormPlace.After, after = spec.NormPlace != NormPlace.Before, layer = spec.Norm == NormKind.Layer;
        (bool Has, WeightRole Role)[] roles =
        [
            (before, AttentionNorm), (before && layer, AttentionNormBias), (true, Query), (true, Key), (true, Value),
            (spec.QueryKeyValueBias, QueryBias), (spec.QueryKeyValueBias, KeyBias), (spec.QueryKeyValueBias, ValueBias),
            (spec.HeadNorm != HeadNorm.None, QueryNorm), (spec.HeadNorm != HeadNorm.None, KeyNorm),
            (true, Output), (spec.OutputBias, OutputBias), (after, AttentionOutputNorm),
            (before, FeedForwardNorm), (before && layer, FeedForwardNormBias),
            (spec.Gated, Gate), (true, Up), (true, Down), (spec.Gated && spec.FeedForwardBias, GateBias), (spec.FeedForwardBias, UpBias),
            (spec.FeedForwardBias, DownBias), (after, FeedForwardOutputNorm),
        ];
        return roles.Where(r => r.Has).Select(r => r.Role);
    }

    /// <summary>Number of one block's weights.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="block">0-based index of the block.</param>
    public static long CountOf(ModelConfig config, int block) => Count(config, OfBlock(config.BlockAt(block)));

    /// <summary>Number of weights.</summary>
    /// <param name="config">The model's shape.</param>
    public static long Count(ModelConfig config)
    {
        IEnumerable<WeightRole> outside = [Embedding, FinalNorm];
        outside = config.LearnedPositions ? outside.Append(Positions) : outside;
        outside = config.Block.Norm == NormKind.Layer ? outside.Append(FinalNormBias) : outside;
        outside = config.TiedHead ? outside : outside.Append(Head);
        return Count(config, outside.Concat(Enumerable.Range(0, config.BlockCount).SelectMany(i => OfBlock(config.BlockAt(i)))));
    }

    private static long Count(ModelConfig config, IEnumerable<WeightRole> roles) =>
        roles.Sum(role => Of(config, role).Aggregate(1L, (product, size) => product * size));
}
