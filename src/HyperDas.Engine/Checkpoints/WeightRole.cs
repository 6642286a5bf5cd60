namespace HyperDas.Engine.Checkpoints;

/// <summary>Role of a weight, whatever its name in a file. Projections are <c>[outputs, inputs]</c>.</summary>
public enum WeightRole
{
    /// <summary>Token embeddings, <c>[vocabulary, hidden]</c>.</summary>
    Embedding,

    /// <summary>Learned positions, <c>[positions, hidden]</c>.</summary>
    Positions,

    /// <summary>Norm before attention, <c>[hidden]</c>.</summary>
    AttentionNorm,

    /// <summary>Bias of the norm before attention, <c>[hidden]</c>.</summary>
    AttentionNormBias,

    /// <summary>Query projection, <c>[heads · headWidth, hidden]</c>.</summary>
    Query,

    /// <summary>Key projection, <c>[groups · headWidth, hidden]</c>.</summary>
    Key,

    /// <summary>Value projection, <c>[groups · headWidth, hidden]</c>.</summary>
    Value,

    /// <summary>Bias of the queries, <c>[heads · headWidth]</c>.</summary>
    QueryBias,

    /// <summary>Bias of the keys, <c>[groups · headWidth]</c>.</summary>
    KeyBias,

    /// <summary>Bias of the values, <c>[groups · headWidth]</c>.</summary>
    ValueBias,

    /// <summary>Norm of the queries, <c>[headWidth]</c> or <c>[heads · headWidth]</c>.</summary>
    QueryNorm,

    /// <summary>Norm of the keys, <c>[headWidth]</c> or <c>[groups · headWidth]</c>.</summary>
    KeyNorm,

    /// <summary>Projection after attention, <c>[hidden, heads · headWidth]</c>.</summary>
    Output,

    /// <summary>Its bias, <c>[hidden]</c>.</summary>
    OutputBias,

    /// <summary>Norm of what attention adds, <c>[hidden]</c>.</summary>
    AttentionOutputNorm,

    /// <summary>Norm before the feed-forward layer, <c>[hidden]</c>.</summary>
    FeedForwardNorm,

    /// <summary>Bias of the norm before the feed-forward layer, <c>[hidden]</c>.</summary>
    FeedForwardNormBias,

    /// <summary>Gate projection, <c>[inner, hidden]</c>.</summary>
    Gate,

    /// <summary>Up projection, <c>[inner, hidden]</c>.</summary>
    Up,

    /// <summary>Down projection, <c>[hidden, inner]</c>.</summary>
    Down,

    /// <summary>Bias of the gate, <c>[inner]</c>.</summary>
    GateBias,

    /// <summary>Bias of the up projection, <c>[inner]</c>.</summary>
    UpBias,

    /// <summary>Bias of the down projection, <c>[hidden]</c>.</summary>
    DownBias,

    /// <summary>Norm of what the feed-forward layer adds, <c>[hidden]</c>.</summary>
    FeedForwardOutputNorm,

    /// <summary>Norm before the head, <c>[hidden]</c>.</summary>
    FinalNorm,

    /// <summary>Its bias, <c>[hidden]</c>.</summary>
    FinalNormBias,

    /// <summary>Output head, <c>[vocabulary, hidden]</c>.</summary>
    Head,
}
