namespace HyperDas.Engine.Checkpoints;

/// <summary>How states are normalised.</summary>
public enum NormKind
{
    /// <summary>Root mean square, times the weight.</summary>
    Rms,

    /// <summary>Root mean square, times 1 + the weight (Gemma).</summary>
    RmsPlusOne,

    /// <summary>Mean and variance, times the weight, plus a bias.</summary>
    Layer,
}

/// <summary>Where the norms of a block are.</summary>
public enum NormPlace
{
    /// <summary>Before attention and before the feed-forward layer.</summary>
    Before,

    /// <summary>After each of them, on their output (OLMo 2).</summary>
    After,

    /// <summary>Before and after each of them (Gemma 2 and 3).</summary>
    BeforeAndAfter,
}

/// <summary>Normalisation of queries and keys.</summary>
public enum HeadNorm
{
    /// <summary>None.</summary>
    None,

    /// <summary>Each head separately.</summary>
    EachHead,

    /// <summary>All heads together, before they are split.</summary>
    WholeWidth,
}

/// <summary>Activation of a feed-forward layer.</summary>
public enum Activation
{
    /// <summary>x · sigmoid(x).</summary>
    Silu,

    /// <summary>x · Φ(x), exact.</summary>
    Gelu,

    /// <summary>The tanh approximation of GELU.</summary>
    GeluTanh,

    /// <summary>max(x, 0).</summary>
    Relu,
}

/// <summary>Which rotary tables a block uses.</summary>
public enum RotaryUse
{
    /// <summary>None: the block has no rotary embedding.</summary>
    None,

    /// <summary>The model's main tables.</summary>
    Main,

    /// <summary>Tables with the second base θ, without scaling (Gemma 3's sliding-window blocks).</summary>
    Local,
}
