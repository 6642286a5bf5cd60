namespace HyperDas;

/// <summary>Number format of a target model's weights or of its computation.</summary>
public enum ModelDtype
{
    /// <summary>
    /// Chosen when the model is loaded, from the stored format, the device, its instruction sets and its memory; the same machine always
    /// makes the same choice.
    /// </summary>
    Auto,

    /// <summary>32-bit IEEE floating point.</summary>
    Float32,

    /// <summary>16-bit "brain" floating point: the range of float32 with 8 bits of precision.</summary>
    BFloat16,

    /// <summary>16-bit IEEE floating point: 11 bits of precision, values up to 65504.</summary>
    Float16,
}
