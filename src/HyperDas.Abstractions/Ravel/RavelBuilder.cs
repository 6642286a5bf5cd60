namespace HyperDas;

/// <summary>How examples are made from the benchmark.</summary>
public enum RavelBuilder
{
    /// <summary>
    /// Pairs as HyperDAS draws them: gold values as answers, half cause and half isolate (docs/methods.md#pairs-as-hyperdas-draws-them).
    /// </summary>
    HyperDas,

    /// <summary>
    /// Pairs as RAVEL's own instances: the target model's words as answers, context and entity tests (docs/methods.md#ravels-instances).
    /// </summary>
    Ravel,
}
