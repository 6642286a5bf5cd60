using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints;

/// <summary>Position of one tensor in a file.</summary>
/// <param name="Name">Name, unique in the file.</param>
/// <param name="Dtype">Element type as stored.</param>
/// <param name="Shape">Shape; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the start of the file.</param>
/// <param name="Length">Number of bytes from there to the end of the tensor.</param>
public sealed record TensorEntry(string Name, ScalarType Dtype, long[] Shape, long Offset, long Length)
{
    /// <summary>Distance in elements to the next element along each axis; null: row-major without gaps.</summary>
    public long[]? Strides { get; init; }

    /// <summary>Number of elements.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);
}
