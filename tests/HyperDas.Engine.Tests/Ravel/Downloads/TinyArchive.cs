using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using HyperDas.Engine.Ravel.Downloads;

namespace HyperDas.Engine.Tests.Ravel.Downloads;

/// <summary>Two made-up files that stand for the benchmark's, and archives of them.</summary>
internal static class TinyArchive
{
    // Random bytes don't compress, so that the archive has something to be cut in.
    internal static readonly Dictionary<string, byte[]> Contents = new()
    {
        ["one.json"] = Encoding.UTF8.GetBytes("{\"Zürich\": 1}"),
        ["two.json"] = RandomBytes(200_000),
    };

    internal static RavelFileSet Files(Uri uri) => new(uri, Contents.ToDictionary(file => file.Key, file => Convert.ToHexStringLower(SHA256.HashData(file.Value))));

    /// <summary>An archive with the files in a folder, among other things.</summary>
    internal static byte[] Good() => Pack([.. Contents.Select(file => ("data/" + file.Key, file.Value)), ("data/notes.txt", [1, 2])]);

    internal static byte[] Pack(params (string Name, byte[] Content)[] entries)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        using (TarWriter writer = new(gzip))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "data/"));
            foreach ((string name, byte[] content) in entries)
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
            }
        }
        return packed.ToArray();
    }

    private static byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
