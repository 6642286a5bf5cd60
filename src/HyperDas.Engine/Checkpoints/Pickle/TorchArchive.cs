using System.Text;
using HyperDas.Engine.Files;
using Microsoft.Win32.SafeHandles;

namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>The zip format of <c>torch.save</c>: <c>NAME/data.pkl</c>, and each storage as <c>NAME/data/KEY</c>.</summary>
internal static class TorchArchive
{
    private const string Pickle = "/data.pkl";

    /// <summary>Reads the pickle and finds the storages.</summary>
    /// <param name="file">The archive.</param>
    /// <exception cref="PickleException">It is damaged, or something else.</exception>
    public static TorchContent Read(SafeFileHandle file)
    {
        Dictionary<string, (long Offset, long Length)> records = StoredZip.Read(file);
        string pickle = records.Keys.Where(name => name.EndsWith(Pickle, StringComparison.Ordinal)).MinBy(name => name.Length)
            ?? throw new PickleException("it is a zip archive without data.pkl");
        string root = pickle[..^Pickle.Length];
        if (records.ContainsKey($"{root}/constants.pkl"))
        {
            throw new PickleException("it contains a TorchScript program (torch.jit.save), not a state dictionary");
        }
        if (records.TryGetValue($"{root}/byteorder", out (long Offset, long Length) order)
            && Text(file, order) is not "little" and string other)
        {
            throw new PickleException($"its numbers have the byte order '{other}' instead of little-endian");
        }
        (long start, long length) = records[pickle];
        Dictionary<string, (long, long)> storages = new(StringComparer.Ordinal);
        object? content = new PickleReader(new PickleInput(file, start, start + length), Storage).Read();
        return new TorchContent(content, storages);

        PickledStorage Storage(object? reference)
        {
            PickledStorage storage = TorchContent.StorageOf(reference);
            if (!records.TryGetValue($"{root}/data/{storage.Key}", out (long Offset, long Length) record))
            {
                throw new PickleException($"storage '{storage.Key}' is missing");
            }
            if (TorchContent.BytesOf(storage) > record.Length)
            {
                throw new PickleException(
                    $"storage '{storage.Key}' has {record.Length} bytes; its {storage.Count} numbers of {storage.Dtype} need more");
            }
            storages[storage.Key] = record;
            return storage;
        }
    }

    private static string Text(SafeFileHandle file, (long Offset, long Length) record)
    {
        byte[] text = new byte[Math.Min(record.Length, 16)];
        PositionedRead.Fill(file, text, record.Offset);
        return Encoding.ASCII.GetString(text).Trim();
    }
}
