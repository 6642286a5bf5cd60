namespace HyperDas;

/// <summary>
/// Whether domains with fewer training examples are brought up to the size of the largest (docs/methods.md#pairs-as-hyperdas-draws-them).
/// </summary>
public enum RavelUpsampling
{
    /// <summary>Every domain has the examples that were drawn.</summary>
    None,

    /// <summary>
    /// Every domain gets as many training examples as the largest: its own examples, preceded by shuffled repetitions of them.
    /// </summary>
    LargestDomain,
}
