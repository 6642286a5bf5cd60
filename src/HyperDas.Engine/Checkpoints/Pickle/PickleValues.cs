namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>A dictionary in a pickle, in the order of the file. Attributes that Python would add to it are omitted.</summary>
internal sealed class PickleDictionary
{
    /// <summary>Keys and values; the last value of a repeated key applies.</summary>
    public List<KeyValuePair<object?, object?>> Pairs { get; } = [];
}

/// <summary>A block of numbers stored outside the pickle.</summary>
/// <param name="Dtype">Element type, as named in safetensors.</param>
/// <param name="Key">Its name in the file.</param>
/// <param name="Count">Number of elements.</param>
internal sealed record PickledStorage(string Dtype, string Key, long Count);

/// <summary>A tensor in a pickle: a view of a storage.</summary>
/// <param name="Storage">The storage; tied weights share one.</param>
/// <param name="Dtype">Element type, as named in safetensors.</param>
/// <param name="Offset">The first element.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Strides">Distance in elements to the next element along each axis.</param>
internal sealed record PickledTensor(PickledStorage Storage, string Dtype, long Offset, long[] Shape, long[] Strides);
