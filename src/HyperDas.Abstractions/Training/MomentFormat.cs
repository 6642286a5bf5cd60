namespace HyperDas;

/// <summary>
/// Number format of the optimiser's two moments between steps. Narrow formats are rounded stochastically, so small changes aren't lost on
/// average.
/// </summary>
public enum MomentFormat
{
    /// <summary>8 bytes for each trained parameter.</summary>
    Float32,

    /// <summary>4 bytes for each trained parameter.</summary>
    BFloat16,

    /// <summary>2 bytes for each trained parameter: 8-bit floating-point numbers with a common exponent for each block of 256.</summary>
    EightBit,
}
