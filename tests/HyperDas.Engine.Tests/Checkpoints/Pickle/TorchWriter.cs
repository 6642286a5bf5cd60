using System.IO.Compression;
using HyperDas.Engine.Checkpoints;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Checkpoints.Pickle;

/// <summary>Writes state dictionaries as today's <c>torch.save</c> does.</summary>
internal static class TorchWriter
{
    /// <summary>Writes tensors by name; two names of one tensor share its storage, as tied weights do.</summary>
    internal static void Write(string path, IReadOnlyCollection<KeyValuePair<string, Tensor>> tensors)
    {
        PickleText pickle = new PickleText().Global("collections", "OrderedDict").Do(")R(");
        List<Tensor> storages = [];
        foreach ((string name, Tensor tensor) in tensors)
        {
            int key = storages.FindIndex(kept => ReferenceEquals(kept, tensor));
            if (key < 0)
            {
                key = storages.Count;
                storages.Add(tensor);
            }
            pickle.Text(name).Tensor(StorageType(tensor.dtype), $"{key}", tensor.shape);
        }
        // The attribute that state_dict() gives its dictionary.
        pickle.Do("u}").Text("_metadata").Do("}sb");
        Write(path, pickle.Stop(), [.. storages.Select((tensor, key) => ($"data/{key}", tensor.cpu().contiguous().bytes.ToArray()))]);
    }

    /// <summary>Writes an archive around a pickle.</summary>
    internal static void Write(string path, byte[] pickle, params (string Name, byte[] Content)[] records) =>
        Write(path, CompressionLevel.NoCompression,
            [("data.pkl", pickle), .. records, ("version", "3\n"u8.ToArray()), ("byteorder", "little"u8.ToArray())]);

    /// <summary>Writes an archive with any records.</summary>
    internal static void Write(string path, CompressionLevel level, params (string Name, byte[] Content)[] records)
    {
        using ZipArchive archive = new(File.Create(path), ZipArchiveMode.Create);
        foreach ((string name, byte[] content) in records)
        {
            using Stream record = archive.CreateEntry($"archive/{name}", level).Open();
            record.Write(content);
        }
    }

    private static string StorageType(ScalarType type) => type switch
    {
        ScalarType.Float32 => "FloatStorage",
        ScalarType.Float16 => "HalfStorage",
        ScalarType.BFloat16 => "BFloat16Storage",
        ScalarType.Int64 => "LongStorage",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, SafetensorsDtype.KnownNames),
    };
}
