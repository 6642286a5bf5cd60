namespace HyperDas;

/// <summary>How selection weights are turned into a patch (docs/methods.md#selection-modes).</summary>
public enum SelectionMode
{
    /// <summary>The weights unchanged: a base token receives a blend of source tokens.</summary>
    Soft,

    /// <summary>For each base token, the strongest source token or "no intervention"; a source token may serve many base tokens.</summary>
    OneToMany,

    /// <summary>Like one-to-many, but a source token edits at most one base token.</summary>
    OneToOne,

    /// <summary>The single strongest pair of tokens.</summary>
    Global,

    /// <summary>The last entity token of the source into the last entity token of the base, regardless of the weights.</summary>
    GroundTruth,
}

/// <summary>What is patched (docs/methods.md#subspaces).</summary>
public enum SubspaceKind
{
    /// <summary>The whole hidden vector.</summary>
    None,

    /// <summary>A shared low-rank basis, transformed by one or more concept-specific reflections ("ReflectSelect" with one).</summary>
    Householder,

    /// <summary>A shared low-rank basis, the same for every concept ("DAS").</summary>
    LowRank,

    /// <summary>A shared basis with a concept-specific soft mask over its directions ("MaskSelect").</summary>
    Mask,

    /// <summary>A low-rank basis that is generated separately for each concept.</summary>
    Generated,

    /// <summary>A full rotation with a learned soft boundary ("BoundlessDAS").</summary>
    Boundless,
}

/// <summary>How a hypernetwork scores a pair of source and base tokens (docs/methods.md#selection-score).</summary>
public enum SelectionScore
{
    /// <summary>The original's: a term for each token, related only by a rotary position.</summary>
    Additive,

    /// <summary>The same plus a product of both tokens, weighted by the concept.</summary>
    Bilinear,
}

/// <summary>What the sparsity loss charges a source token whose weights over all base tokens sum to q (docs/methods.md#sparsity).</summary>
public enum SparsityCharge
{
    /// <summary>The original's: q where q &gt; 1, which jumps from 0 to 1 there.</summary>
    WholeMass,

    /// <summary>q − 1 where q &gt; 1: no jump.</summary>
    Excess,
}
