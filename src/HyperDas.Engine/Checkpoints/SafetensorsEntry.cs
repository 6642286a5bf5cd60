using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints;

/// <summary>Where one tensor lies in a safetensors file.</summary>
/// <param name="Name">Name, unique in the file.</param>
/// <param name="Dtype">Element type as stored.</param>
/// <param name="Shape">Shape; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the start of the file.</param>
/// <param name="Length">Number of bytes.</param>
public sealed record SafetensorsEntry(string Name, ScalarType Dtype, long[] Shape, long Offset, long Length)
{
    /// <summary>Number of elements.</summary>
    public long ElementCount => Length / SafetensorsDtype.ElementSize(Dtype);
}
