namespace HyperDas;

/// <summary>
/// Whose rules decide what counts as right and how it is averaged (docs/methods.md#dialects). Scores of
/// different dialects aren't comparable.
/// </summary>
public enum RavelDialect
{
    /// <summary>HyperDAS: the likeliest token is the answer's at each of its first 3 tokens; examples are pooled by attribute.</summary>
    HyperDas,

    /// <summary>RAVEL: 3 generated tokens are the answer's; templates, then attributes weigh equally.</summary>
    Ravel,

    /// <summary>
    /// MIB: the gold value is found in 2 generated tokens by a lenient comparison of texts; examples are pooled by attribute.
    /// </summary>
    Mib,

    /// <summary>
    /// SAEBench: 6 generated tokens pass RAVEL's test of knowledge against the gold value; pooled by attribute, averaged by domain.
    /// </summary>
    SaeBench,
}
