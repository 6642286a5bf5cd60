namespace HyperDas;

/// <summary>How selection weights become a patch (docs/methods.md#selection-modes).</summary>
public enum SelectionMode
{
    /// <summary>The weights as they are: a base token receives a blend of source tokens.</summary>
    Soft,

    /// <summary>Per base token the strongest source token or "no intervention"; one source token may serve many base tokens.</summary>
    OneToMany,

    /// <summary>As one-to-many, and a source token edits at most one base token.</summary>
    OneToOne,

    /// <summary>The single strongest pair of tokens.</summary>
    Global,

    /// <summary>The last entity token of the source into the last entity token of the base, whatever the weights say.</summary>
    GroundTruth,
}

/// <summary>What is patched (docs/methods.md#subspaces).</summary>
public enum SubspaceKind
{
    /// <summary>The whole hidden vector.</summary>
    None,

    /// <summary>A shared low-rank basis, turned by one or more concept-specific reflections ("ReflectSelect" when one).</summary>
    Householder,

    /// <summary>A shared low-rank basis, the same for every concept ("DAS").</summary>
    LowRank,

    /// <summary>A shared basis with a concept-specific soft mask over its directions ("MaskSelect").</summary>
    Mask,

    /// <summary>A low-rank basis that is generated whole for each concept.</summary>
    Generated,

    /// <summary>A full rotation with a learned soft boundary ("BoundlessDAS").</summary>
    Boundless,
}

/// <summary>How a hypernetwork scores a pair of source and base token (docs/methods.md#selection-score).</summary>
public enum SelectionScore
{
    /// <summary>The original's: a part for each token, tied together by a rotary position only.</summary>
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
