using System.IO.Compression;
using System.Security.Cryptography;
using HyperDas.Engine.Backends;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>
/// A package with native libraries that has the right hash, although it is damaged, and the manifest of an installed backend.
/// </summary>
internal sealed class BackendTarget : FuzzTarget
{
    private const string Platform = "plan9-x64";
    private const string Package = "libtorch-plan9.1.0.nupkg";

    public BackendTarget()
    {
        byte[] stored = Pack(CompressionLevel.NoCompression), deflated = Pack(CompressionLevel.Optimal);
        using TemporaryFolder folder = new();
        File.WriteAllBytes(Path.Combine(folder.Path, Package), stored);
        BackendInstaller.Install(Path.Combine(folder.Path, "out"), Set(stored), new BackendSource { Folder = folder.Path });
        Seeds =
        [
            [new FuzzFile(Package, FuzzKind.Bytes, stored)], [new FuzzFile(Package, FuzzKind.Bytes, deflated)],
            FuzzFile.Of(folder.Path, FuzzFile.KindOf, Package, Path.Combine("out", "libtorch.so"), Path.Combine("out", "LICENSE.txt")),
        ];
    }

    internal override string Name => "backend";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; }

    internal override IReadOnlyList<string> Words =>
        ["runtimes/plan9-x64/native/", "../", "..", "/", "libtorch.so", "LICENSE", "PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006",
            "PK\u0006\u0006", "packages", "sha256", "/etc/passwd"];

    internal override void Read(string folder)
    {
        string output = Path.Combine(folder, "out");
        BackendSet set = Set(File.ReadAllBytes(Path.Combine(folder, Package)));
        if (Directory.Exists(output))
        {
            BackendManifest.Problems(output, set);
            return;
        }
        BackendInstaller.Install(output, set, new BackendSource { Folder = folder });
        // Nothing may have been put beside the two.
        string[] others = [.. Directory.GetFileSystemEntries(folder).Select(e => Path.GetFileName(e)).Except([Package, "out"])];
        if (others.Length > 0)
        {
            throw new InvalidOperationException($"'{others[0]}' was left beside the backend.");
        }
    }

    private static BackendSet Set(byte[] package) =>
        new(Platform, [new BackendPackage("libtorch-plan9", "1.0", Convert.ToBase64String(SHA512.HashData(package)))]);

    private static byte[] Pack(CompressionLevel level)
    {
        using MemoryStream packed = new();
        using (ZipArchive archive = new(packed, ZipArchiveMode.Create))
        {
            foreach ((string name, string content) in (ReadOnlySpan<(string, string)>)[("LICENSE.txt", "may be used"),
                ("runtimes/plan9-x64/native/libtorch.so", "native, native, native"), ("lib/x.dll", "managed")])
            {
                using Stream entry = archive.CreateEntry(name, level).Open();
                entry.Write(System.Text.Encoding.UTF8.GetBytes(content));
            }
        }
        return packed.ToArray();
    }
}
