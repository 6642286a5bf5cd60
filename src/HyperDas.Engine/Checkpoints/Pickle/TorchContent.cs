namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>Content of a file of <c>torch.save</c>.</summary>
/// <param name="Root">The pickled value.</param>
/// <param name="Storages">First byte and length of each storage in the file, by key.</param>
internal sealed record TorchContent(object? Root, IReadOnlyDictionary<string, (long Offset, long Length)> Storages)
{
    /// <summary>Reads the reference to a storage in a pickle: ('storage', kind, key, place, number of elements, ...).</summary>
    /// <param name="reference">The reference.</param>
    /// <exception cref="PickleException">Something else.</exception>
    public static PickledStorage StorageOf(object? reference) =>
        reference is object?[]
            and ["storage", PickleGlobal { Role: PickleRole.Storage, Dtype: { } dtype }, string key, string, long and >= 0, ..] items
        && (items.Length == 5 || (items.Length == 6 && items[5] is null))
            ? new PickledStorage(dtype, key, (long)items[4]!)
            : throw new PickleException("it refers to an object that isn't a storage");

    /// <summary>Size of a storage in bytes.</summary>
    /// <param name="storage">The storage.</param>
    /// <exception cref="PickleException">More than any file has.</exception>
    public static long BytesOf(PickledStorage storage)
    {
        int size = SafetensorsDtype.ElementSize(storage.Dtype)!.Value;
        return storage.Count <= long.MaxValue / size
            ? storage.Count * size
            : throw new PickleException($"storage '{storage.Key}' is larger than any file");
    }
}
