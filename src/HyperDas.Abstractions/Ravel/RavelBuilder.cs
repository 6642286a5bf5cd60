namespace HyperDas;

/// <summary>How examples are made from the benchmark.</summary>
public enum RavelBuilder
{
    /// <summary>Pairs as HyperDAS draws them: gold values as answers, cause and isolate halved (spec/hyperdas 6.3).</summary>
    HyperDas,

    /// <summary>Pairs as RAVEL's own instances: the target model's words as answers, context and entity tests (spec/ravel 2).</summary>
    Ravel,
}
