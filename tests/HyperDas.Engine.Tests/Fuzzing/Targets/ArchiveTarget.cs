using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using HyperDas.Engine.Ravel.Downloads;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>The benchmark's archive, in each of tar's formats.</summary>
internal sealed class ArchiveTarget : FuzzTarget
{
    private const string Archive = "data.tgz";
    private static readonly byte[] s_content = "{\"a\": 1}"u8.ToArray();

    internal override string Name => "archive";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; } =
    [
        .. ((TarEntryFormat[])[TarEntryFormat.Pax, TarEntryFormat.Gnu, TarEntryFormat.Ustar, TarEntryFormat.V7])
            .Select(format => (FuzzFile[])[new FuzzFile(Archive, FuzzKind.Gzip, Pack(format))]),
    ];

    internal override IReadOnlyList<string> Words =>
        ["one.json", "../", "/", "ustar", "ustar  \0", "\0\0\0\0\0\0\0\0", "77777777777\0", "path=", "12 size=99999\n", "30 mtime=1e30\n"];

    internal override void Read(string folder)
    {
        string output = Path.Combine(folder, "out");
        RavelFileSet files = new(new Uri("http://127.0.0.1:9/"), new Dictionary<string, string>
        {
            ["one.json"] = Convert.ToHexStringLower(SHA256.HashData(s_content))
        });
        RavelSaver.Save(output, new RavelSaveOptions { Files = files, SourcePath = Path.Combine(folder, Archive) });
        string[] others = [.. Directory.GetFileSystemEntries(folder).Select(e => Path.GetFileName(e)).Except([Archive, "out"])];
        if (others.Length > 0)
        {
            throw new InvalidOperationException($"'{others[0]}' was left beside the files.");
        }
    }

    private static byte[] Pack(TarEntryFormat format)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        using (TarWriter writer = new(gzip, format))
        {
            Entry("data/notes.txt", [1, 2]);
            Entry("data/one.json", s_content);

            void Entry(string name, byte[] content)
            {
                MemoryStream data = new(content);
                TarEntry entry = format switch
                {
                    TarEntryFormat.Pax => new PaxTarEntry(
                        TarEntryType.RegularFile, name, new Dictionary<string, string> { ["comment"] = "x" }) { DataStream = data },
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
                    _ => new V7TarEntry(TarEntryType.V7RegularFile, name) { DataStream = data },
                };
                writer.WriteEntry(entry);
            }
        }
        return packed.ToArray();
    }
}
