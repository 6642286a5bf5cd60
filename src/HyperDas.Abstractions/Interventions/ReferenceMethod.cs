namespace HyperDas;

/// <summary>The two references that every method is compared with.</summary>
public enum ReferenceMethod
{
    /// <summary>Nothing is patched: cause about 0, isolate about 100.</summary>
    NoIntervention,

    /// <summary>The whole hidden vector at the last entity token is swapped: high cause, low isolate.</summary>
    FullSwap,
}
