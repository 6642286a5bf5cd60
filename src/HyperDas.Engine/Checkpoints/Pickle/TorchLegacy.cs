using System.Globalization;
using System.Numerics;
using Microsoft.Win32.SafeHandles;

namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>
/// The format of <c>torch.save</c> before PyTorch 1.6, still in use for many published <c>pytorch_model.bin</c>: five consecutive pickles
/// (a magic number, a version, the machine, the value, the keys of storages), then each storage, preceded by its number of elements.
/// </summary>
internal static class TorchLegacy
{
    private const long Version = 1001;

    private static readonly BigInteger s_magic = BigInteger.Parse(
        "1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Reads the pickles and finds the storages.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="PickleException">It is damaged, or something else.</exception>
    public static TorchContent Read(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        PickleInput input = new(file, 0, length);
        Dictionary<string, PickledStorage> asked = new(StringComparer.Ordinal);
        PickleReader reader = new(input, Storage);
        if (reader.Read() is not BigInteger magic || magic != s_magic)
        {
            throw new PickleException("it is a pickle, but not from torch.save");
        }
        if (reader.Read() is not Version)
        {
            throw new PickleException("its version is unknown");
        }
        if (reader.Read() is not PickleDictionary machine || !machine.Pairs.Exists(pair => pair is { Key: "little_endian", Value: true }))
        {
            throw new PickleException("its numbers don't have this machine's byte order");
        }
        object? content = reader.Read();
        List<object?> keys = reader.Read() as List<object?> ?? throw new PickleException("the list of its storages is missing");
        Dictionary<string, (long, long)> storages = new(StringComparer.Ordinal);
        long at = input.Position;
        foreach (object? key in keys)
        {
            if (key is not string name || !asked.TryGetValue(name, out PickledStorage? storage) || storages.ContainsKey(name))
            {
                throw new PickleException("the list of its storages names a missing or duplicate one");
            }
            long bytes = TorchContent.BytesOf(storage);
            if (at > length - sizeof(long) || new PickleInput(file, at, length).Number(sizeof(long)) != storage.Count
                || bytes > length - at - sizeof(long))
            {
                throw new PickleException($"storage '{name}' is truncated or has the wrong size");
            }
            storages.Add(name, (at + sizeof(long), bytes));
            at += sizeof(long) + bytes;
        }
        return asked.Keys.FirstOrDefault(name => !storages.ContainsKey(name)) is { } missing
            ? throw new PickleException($"storage '{missing}' is missing")
            : new TorchContent(content, storages);

        PickledStorage Storage(object? reference)
        {
            PickledStorage storage = TorchContent.StorageOf(reference);
            return asked.TryAdd(storage.Key, storage) || asked[storage.Key] == storage ? storage
                : throw new PickleException($"storage '{storage.Key}' is described in two ways");
        }
    }
}
