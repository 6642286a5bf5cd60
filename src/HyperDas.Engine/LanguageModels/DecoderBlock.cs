using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// The computation of one decoder block of any family, as described by its <see cref="BlockSpec"/>. Every pass through a target model, and
/// its pretraining, uses it.
/// </summary>
/// <param name="Config">The model's shape.</param>
/// <param name="Spec">Spec of the block.</param>
/// <param name="Weights">Its tensors.</param>
internal readonly record struct DecoderBlock(ModelConfig Config, BlockSpec Spec, BlockTensors Weights)
{
    /// <summary>hidden + attention(hidden), then + feedForward, normalised according to the spec.</summary>
    /// <param name="hidden"><c>[batch, tokens, hidden]</c>.</param>
    /// <param name="context">Rotary tables and masks.</param>
    /// <param name="extend">Appends new keys and values to cached ones; null without a cache.</param>
    /// <returns><c>[batch, tokens, hidden]</c>.</returns>
    public Tensor Run(Tensor hidden, BlockContext context, Func<Tensor, Tensor, (Tensor Keys, Tensor Values)>? extend)
    {
        using DisposeScope scope = NewDisposeScope();
        return Finish(hidden, Mix(hidden, context, extend)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The same for some columns: keys and values are computed for every column, queries and everything after attention only for these.
    /// </summary>
    /// <param name="hidden"><c>[batch, tokens, hidden]</c>.</param>
    /// <param name="context">Rotary tables and masks of all columns.</param>
    /// <param name="asking">The context in which only the requested columns ask.</param>
    /// <param name="columns">The requested columns, <c>[batch, count]</c>, int64.</param>
    /// <returns><c>[batch, count, hidden]</c>.</returns>
    public Tensor RunAt(Tensor hidden, BlockContext context, BlockContext asking, Tensor columns)
    {
        using DisposeScope scope = NewDisposeScope();
        int groups = Config.KeyValueHeadCount;
        Tensor x = Norm(hidden, Weights.AttentionNorm, Weights.AttentionNormBias);
        Tensor q = Products.Linear(Picked(x), Weights.Query, Weights.QueryBias)
            .view(columns.shape[0], -1, Config.HeadCount, Config.HeadWidth);
        Tensor[] seen = Products.Linear(x, Weights.KeyValue, Weights.KeyValueBias)
            .view(x.shape[0], x.shape[1], 2 * groups, Config.HeadWidth).split([groups, groups], 2);
        Tensor mixed = asking.Attend(
            asking.Rotate(HeadNorm(q, Weights.QueryNorm), Spec).transpose(1, 2),
            context.Rotate(HeadNorm(seen[0], Weights.KeyNorm), Spec).transpose(1, 2),
            seen[1].transpose(1, 2), Spec);
        return Finish(Picked(hidden), mixed).MoveToOuterDisposeScope();

        Tensor Picked(Tensor all) => context.Packing is { } packing
            ? all.view(-1, all.shape[2]).index_select(0, packing.Places(columns)).view(columns.shape[0], -1, all.shape[2])
            : Pick(all, columns);
    }

    /// <summary>The output of the heads, before the projection.</summary>
    /// <param name="hidden">The block's input, <c>[batch, tokens, hidden]</c>.</param>
    /// <param name="context">Rotary tables and masks.</param>
    /// <param name="extend">Appends new keys and values to cached ones; null without a cache.</param>
    /// <returns><c>[batch, tokens, heads · headWidth]</c>.</returns>
    public Tensor Mix(Tensor hidden, BlockContext context, Func<Tensor, Tensor, (Tensor Keys, Tensor Values)>? extend = null)
    {
        using DisposeScope scope = NewDisposeScope();
        int heads = Config.HeadCount, groups = Config.KeyValueHeadCount;
        Tensor x = Norm(hidden, Weights.AttentionNorm, Weights.AttentionNormBias);
        // split, not narrow: its backward is one concatenation instead of a padded copy per part.
        Tensor[] projected = Products.Linear(x, Weights.QueryKeyValue, Weights.QueryKeyValueBias)
            .view(x.shape[0], x.shape[1], heads + (2 * groups), Config.HeadWidth)
            .split([heads + groups, groups], 2);
        // Queries and keys have the same rotation and are rotated together, unless something else is applied to them.
        Tensor[] turned = Weights.QueryNorm is null
            ? context.Rotate(projected[0], Spec).split([heads, groups], 2)
            : Turned(projected[0].split([heads, groups], 2), context);
        Tensor q = turned[0].transpose(1, 2), k = turned[1].transpose(1, 2), v = projected[1].transpose(1, 2);
        if (extend is not null)
        {
            (k, v) = extend(k, v);
        }
        return context.Attend(q, k, v, Spec).MoveToOuterDisposeScope();
    }

    /// <summary>Everything after the heads: projection, residual stream, feed-forward layer.</summary>
    /// <param name="residual">The block's input in the requested columns, <c>[..., hidden]</c>.</param>
    /// <param name="mixed">Output of the heads in these columns, <c>[..., heads · headWidth]</c>.</param>
    /// <param name="feedForwardScale">Factor of the feed-forward layer's output, or null.</param>
    /// <returns>The block's output in these columns, <c>[..., hidden]</c>.</returns>
    public Tensor Finish(Tensor residual, Tensor mixed, Tensor? feedForwardScale = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = Added(Products.Linear(mixed, Weights.Output, Weights.OutputBias), Weights.AttentionOutputNorm);
        Tensor middle = residual + attended, read = Spec.ParallelResidual ? residual : middle;
        Tensor x = Norm(read, Weights.FeedForwardNorm, Weights.FeedForwardNormBias);
        Tensor change = Added(
            FeedForward.Apply(x, Weights.Up, Weights.UpBias, Weights.Down, Weights.DownBias, Spec.Activation, Spec.Gated),
            Weights.FeedForwardOutputNorm);
        return (middle + (feedForwardScale is null ? change : change * feedForwardScale)).MoveToOuterDisposeScope();
    }

    /// <summary>Columns <c>[batch, count]</c> of <c>[batch, tokens, hidden]</c>.</summary>
    internal static Tensor Pick(Tensor hidden, Tensor columns) => hidden.gather(1, columns.unsqueeze(-1).expand(-1, -1, hidden.shape[2]));

    private Tensor Norm(Tensor x, Tensor? weight, Tensor? bias) => weight is null
        ? x
        : Norms.Apply(Spec.Norm, x, weight, bias, Config.NormEpsilon);

    private Tensor Added(Tensor change, Tensor? norm)
    {
        Tensor normed = Norm(change, norm, null);
        return Spec.ResidualScale == 1 ? normed : normed * Spec.ResidualScale;
    }

    private Tensor[] Turned(Tensor[] queriesAndKeys, BlockContext context) =>
        [context.Rotate(HeadNorm(queriesAndKeys[0], Weights.QueryNorm), Spec),
            context.Rotate(HeadNorm(queriesAndKeys[1], Weights.KeyNorm), Spec)];

    // x [batch, tokens, heads, headWidth].
    private Tensor HeadNorm(Tensor x, Tensor? weight) => weight is null ? x
        : Spec.HeadNorm == Checkpoints.HeadNorm.EachHead ? Norms.Apply(Spec.Norm, x, weight, null, Config.NormEpsilon)
        : Norms.Apply(Spec.Norm, x.flatten(2), weight, null, Config.NormEpsilon).view(x.shape);
}
