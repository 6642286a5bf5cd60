namespace HyperDas;

/// <summary>
/// Whose rules determine what counts as correct and how scores are averaged (docs/methods.md#dialects). Scores of different dialects aren't
/// comparable.
/// </summary>
public enum RavelDialect
{
    /// <summary>HyperDAS: the most likely token is the answer's at each of its first 3 tokens; examples are pooled by attribute.</summary>
    HyperDas,

    /// <summary>RAVEL: 3 generated tokens equal the answer's; templates, then attributes have equal weight.</summary>
    Ravel,

    /// <summary>MIB: a lenient text comparison finds the gold value in 2 generated tokens; examples are pooled by attribute.</summary>
    Mib,

    /// <summary>
    /// SAEBench: 6 generated tokens pass RAVEL's test of knowledge against the gold value; pooled by attribute, averaged by domain.
    /// </summary>
    SaeBench,
}
