using HyperDas.Engine.Checkpoints;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// The tensors of one decoder block in the form used by the computation, regardless of their owner: the frozen model, or a training that
/// casts them in every step. Tensors that the block's spec doesn't have are null.
/// </summary>
internal sealed class BlockTensors
{
    /// <summary>Collects the tensors.</summary>
    /// <param name="spec">Spec of the block.</param>
    /// <param name="part">A part by role.</param>
    /// <param name="joined">The parts with several roles, concatenated by rows.</param>
    public BlockTensors(BlockSpec spec, Func<WeightRole, Tensor> part, Func<WeightRole[], Tensor> joined)
    {
        HashSet<WeightRole> roles = [.. WeightShapes.OfBlock(spec)];
        AttentionNorm = Find(WeightRole.AttentionNorm);
        AttentionNormBias = Find(WeightRole.AttentionNormBias);
        QueryKeyValue = joined([WeightRole.Query, WeightRole.Key, WeightRole.Value]);
        QueryKeyValueBias = spec.QueryKeyValueBias ? joined([WeightRole.QueryBias, WeightRole.KeyBias, WeightRole.ValueBias]) : null;
        QueryNorm = Find(WeightRole.QueryNorm);
        KeyNorm = Find(WeightRole.KeyNorm);
        Output = part(WeightRole.Output);
        OutputBias = Find(WeightRole.OutputBias);
        AttentionOutputNorm = Find(WeightRole.AttentionOutputNorm);
        FeedForwardNorm = Find(WeightRole.FeedForwardNorm);
        FeedForwardNormBias = Find(WeightRole.FeedForwardNormBias);
        Up = spec.Gated ? joined([WeightRole.Gate, WeightRole.Up]) : part(WeightRole.Up);
        UpBias = !spec.FeedForwardBias ? null : spec.Gated ? joined([WeightRole.GateBias, WeightRole.UpBias]) : part(WeightRole.UpBias);
        Down = part(WeightRole.Down);
        DownBias = Find(WeightRole.DownBias);
        FeedForwardOutputNorm = Find(WeightRole.FeedForwardOutputNorm);
        QueryRows = Output.shape[1];

        Tensor? Find(WeightRole role) => roles.Contains(role) ? part(role) : null;
    }

    /// <summary>Norm before attention, <c>[hidden]</c>.</summary>
    public Tensor? AttentionNorm { get; }

    /// <summary>Its bias, <c>[hidden]</c>.</summary>
    public Tensor? AttentionNormBias { get; }

    /// <summary>Query, key and value projections, concatenated by rows, <c>[(heads + 2 · groups) · headWidth, hidden]</c>.</summary>
    public Tensor QueryKeyValue { get; }

    /// <summary>Their biases, <c>[(heads + 2 · groups) · headWidth]</c>.</summary>
    public Tensor? QueryKeyValueBias { get; }

    /// <summary>View of the query projection, <c>[heads · headWidth, hidden]</c>; after <see cref="Split"/>.</summary>
    public Tensor Query { get; private set; } = null!;

    /// <summary>View of its bias.</summary>
    public Tensor? QueryBias { get; private set; }

    /// <summary>View of the key and value projections, <c>[2 · groups · headWidth, hidden]</c>; after <see cref="Split"/>.</summary>
    public Tensor KeyValue { get; private set; } = null!;

    /// <summary>View of their biases.</summary>
    public Tensor? KeyValueBias { get; private set; }

    /// <summary>Norm of the queries.</summary>
    public Tensor? QueryNorm { get; }

    /// <summary>Norm of the keys.</summary>
    public Tensor? KeyNorm { get; }

    /// <summary>Projection after attention, <c>[hidden, heads · headWidth]</c>.</summary>
    public Tensor Output { get; }

    /// <summary>Its bias, <c>[hidden]</c>.</summary>
    public Tensor? OutputBias { get; }

    /// <summary>Norm of the output of attention, <c>[hidden]</c>.</summary>
    public Tensor? AttentionOutputNorm { get; }

    /// <summary>Norm before the feed-forward layer, <c>[hidden]</c>.</summary>
    public Tensor? FeedForwardNorm { get; }

    /// <summary>Its bias, <c>[hidden]</c>.</summary>
    public Tensor? FeedForwardNormBias { get; }

    /// <summary>Up projection, <c>[inner, hidden]</c>; with a gate, <c>[2 · inner, hidden]</c> with the gate's rows first.</summary>
    public Tensor Up { get; }

    /// <summary>Its bias.</summary>
    public Tensor? UpBias { get; }

    /// <summary>Down projection, <c>[hidden, inner]</c>.</summary>
    public Tensor Down { get; }

    /// <summary>Its bias, <c>[hidden]</c>.</summary>
    public Tensor? DownBias { get; }

    /// <summary>Norm of the output of the feed-forward layer, <c>[hidden]</c>.</summary>
    public Tensor? FeedForwardOutputNorm { get; }

    private long QueryRows { get; }

    /// <summary>Creates the views of queries, and of keys and values, for passes in which only some columns have queries.</summary>
    /// <param name="view">Returns rows of a tensor, given the tensor, the first row and the number of rows.</param>
    public void Split(Func<Tensor, long, long, Tensor> view)
    {
        long rest = QueryKeyValue.shape[0] - QueryRows;
        Query = view(QueryKeyValue, 0, QueryRows);
        KeyValue = view(QueryKeyValue, QueryRows, rest);
        if (QueryKeyValueBias is not null)
        {
            QueryBias = view(QueryKeyValueBias, 0, QueryRows);
            KeyValueBias = view(QueryKeyValueBias, QueryRows, rest);
        }
    }
}
