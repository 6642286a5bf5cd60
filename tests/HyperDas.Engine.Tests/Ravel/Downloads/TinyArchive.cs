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

    internal static RavelFileSet Files(Uri uri) =>
        new(uri, Contents.ToDictionary(file => file.Key, file => Convert.ToHexStringLower(SHA256.HashData(file.Value))));

    /// <summary>An archive with the files in a folder, among other things.</summary>
    internal static byte[] Good() => Pack([.. Contents.Select(file => ("data/" + file.Key, file.Value)), ("data/notes.txt", [1, 2])]);

    internal static byte[] Pack(params (string Name, byte[] Content)[] entries) => Pack(
        [new PaxTarEntry(TarEntryType.Directory, "data/"),
            .. entries.Select(e => new PaxTarEntry(TarEntryType.RegularFile, e.Name) { DataStream = new MemoryStream(e.Content) })]);

    internal static byte[] Pack(IEnumerable<TarEntry> entries, TarEntryFormat format = TarEntryFormat.Pax)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        using (TarWriter writer = new(gzip, format))
        {
            foreach (TarEntry entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }
        return packed.ToArray();
    }

    /// <summary>An archive of one header, right in itself, whose entry claims a length.</summary>
    /// <param name="kind">Kind of the entry, as tar writes it.</param>
    /// <param name="length">Claimed length, in octal digits.</param>
    internal static byte[] Claiming(char kind, string length)
    {
        byte[] header = new byte[512];
        Encoding.ASCII.GetBytes("one.json").CopyTo(header, 0);
        Encoding.ASCII.GetBytes(length).CopyTo(header, 124);
        Encoding.ASCII.GetBytes("        ").CopyTo(header, 148);
        header[156] = (byte)kind;
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0").CopyTo(header, 148);
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(header);
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
