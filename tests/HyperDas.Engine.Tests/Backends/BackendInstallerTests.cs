using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using HyperDas.Engine.Backends;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tests.Ravel.Downloads;
using Xunit;

namespace HyperDas.Engine.Tests.Backends;

/// <summary>Small packages stand for libtorch's.</summary>
public sealed class BackendInstallerTests : IDisposable
{
    private const string Platform = "plan9-x64";
    private const string Link = "runtimes/plan9-x64/native/link.so";

    // A symbolic link's mode in the upper half, as zip programs of Unix write it.
    private const int UnixLink = unchecked((int)0xA1FF0000);
    private static readonly byte[] s_package = Pack(
        ("LICENSE-LIBTORCH.txt", "may be used"),
        ("runtimes/plan9-x64/native/libtorch.so", RandomLetters(300_000)),
        ("runtimes/plan9-x64/native/libtorch_python.so", "never loaded"),
        ("runtimes/plan9-x64/native/../../../escaped.so", "out"),
        ("runtimes/plan9/native/libSkiaSharp.so", "for every processor"),
        ("runtimes/plan9-x64/native/libtorch.pdb", "for debuggers"),
        ("runtimes/other-x64/native/libtorch.so", "another platform's"),
        ("lib/net10.0/TorchSharp.dll", "managed"));

    private readonly TemporaryFolder _parent = new();

    private string Folder => Path.Combine(_parent.Path, "torch [1]", "plan9-x64-cpu");

    [Fact]
    public void What_one_platform_needs_is_unpacked_with_its_licence_and_nothing_else()
    {
        Assert.True(BackendInstaller.Install(Folder, Set(), Here()));

        Assert.Equal(["backend.json", "libSkiaSharp.so", "libtorch-plan9.LICENSE-LIBTORCH.txt", "libtorch.so"], Names(Folder));
        Assert.Equal(300_000, new FileInfo(Path.Combine(Folder, "libtorch.so")).Length);
        Assert.Empty(BackendManifest.Problems(Folder, Set()));
        Assert.Equal(["plan9-x64-cpu"], Names(Path.GetDirectoryName(Folder)!));
    }

    [Fact]
    public void A_whole_backend_is_left_alone_and_a_damaged_one_is_replaced_with_force()
    {
        BackendInstaller.Install(Folder, Set(), Here());
        Assert.False(BackendInstaller.Install(Folder, Set(), Here()));

        File.AppendAllText(Path.Combine(Folder, "libtorch.so"), "!");
        Assert.Equal("'libtorch.so' was changed after it was installed.", Assert.Single(BackendManifest.Problems(Folder, Set())));
        HyperDasException error = Assert.Throws<HyperDasException>(() => BackendInstaller.Install(Folder, Set(), Here()));
        Assert.Equal("OutputExists", error.ErrorId);

        Assert.True(BackendInstaller.Install(Folder, Set(), Here(), force: true));
        Assert.Empty(BackendManifest.Problems(Folder, Set()));
    }

    [Theory]
    [InlineData("linux-x64", "BackendUnverified", "libtorch-cuda-12.8-linux-x64", "TorchBackend=cuda-linux")]
    [InlineData("win-x64", "BackendUnverified", "libtorch-cuda-12.8-win-x64", "TorchBackend=cuda-windows")]
    [InlineData("osx-arm64", "PlatformUnsupported", "no CUDA backend for 'osx-arm64'", "linux-x64 and win-x64")]
    public void A_backend_for_cards_whose_hashes_are_not_known_is_refused_with_the_way_to_get_it(
        string platform, string id, string package, string way)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => BackendSet.Of(platform, BackendKind.Cuda));

        Assert.Equal(id, error.ErrorId);
        Assert.Contains(package, error.Message, StringComparison.Ordinal);
        Assert.Contains(way, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_another_version_are_problems()
    {
        BackendInstaller.Install(Folder, Set(), Here());
        File.Delete(Path.Combine(Folder, "libtorch.so"));

        BackendSet newer = new(Platform, [new("libtorch-plan9", "2.0", "")]);
        Assert.Equal(["It contains libtorch-plan9 1.0 instead of libtorch-plan9 2.0.", "'libtorch.so' is missing."],
            BackendManifest.Problems(Folder, newer));
    }

    [Fact]
    public void Other_peoples_files_are_not_touched()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "thesis.tex"), "years of work");

        Assert.Equal("OutputExists", Assert.Throws<HyperDasException>(() => BackendInstaller.Install(Folder, Set(), Here())).ErrorId);
        Assert.Equal(["thesis.tex"], Names(Folder));
    }

    [Fact]
    public void A_package_with_another_hash_is_refused_and_nothing_is_installed()
    {
        BackendSet other = new(Platform, [Set().Packages[0] with { Sha512 = "AAAA" }]);

        HyperDasException error = Assert.Throws<HyperDasException>(() => BackendInstaller.Install(Folder, other, Here()));

        Assert.Equal("BackendPackageMismatch", error.ErrorId);
        Assert.Contains("instead of AAAA", error.Message);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public void A_package_that_is_no_archive_is_refused()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("not a zip");
        BackendSource source = new() { Folder = Store(bytes) };

        Assert.Equal(
            "BackendPackageInvalid", Assert.Throws<HyperDasException>(() => BackendInstaller.Install(Folder, Set(bytes), source)).ErrorId);
        Assert.False(Directory.Exists(Folder));
    }

    [Theory]
    [InlineData("runtimes/plan9-x64/native/libtorch.so")]
    [InlineData("runtimes/plan9-x64/native/..")]
    [InlineData("runtimes/plan9-x64/native/.")]
    public void A_package_whose_entries_collide_is_refused_by_its_name(string name)
    {
        byte[] package = Pack(("runtimes/plan9-x64/native/libtorch.so", "one"), (name, "two"));

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => BackendInstaller.Install(Folder, Set(package), new BackendSource { Folder = Store(package) }));

        Assert.Equal("BackendPackageInvalid", error.ErrorId);
        Assert.Contains("libtorch-plan9.1.0.nupkg", error.Message);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public void Names_that_leave_the_folder_are_passed_over_and_a_link_is_a_file_with_its_text()
    {
        byte[] package = Pack(("runtimes/plan9-x64/native/a\0b", "x"), ("runtimes/plan9-x64/native/C:x", "x"),
            ("runtimes/plan9-x64/native/..\\x", "x"), ("/etc/x", "x"), (Link, "/etc/passwd"));

        BackendInstaller.Install(Folder, Set(package), new BackendSource { Folder = Store(package) });

        Assert.Equal(["backend.json", "link.so"], Names(Folder));
        Assert.Null(new FileInfo(Path.Combine(Folder, "link.so")).LinkTarget);
        Assert.Equal("/etc/passwd", File.ReadAllText(Path.Combine(Folder, "link.so")));
    }

    [Fact]
    public void A_folder_without_the_package_is_refused_by_the_packages_name()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(
            () => BackendInstaller.Install(Folder, Set(), new() { Folder = _parent.Path }));

        Assert.Equal("PathNotFound", error.ErrorId);
        Assert.Contains("libtorch-plan9.1.0.nupkg", error.Message);
    }

    [Fact]
    public async Task A_download_that_breaks_off_is_taken_up_where_it_broke()
    {
        await using ArchiveServer server = await ArchiveServer.Start(s_package);
        server.Cuts.Enqueue(90_000);

        Assert.True(BackendInstaller.Install(Folder, Set(), From(server)));

        Assert.Equal(2, server.Ranges.Count);
        Assert.Matches("^bytes=[1-9][0-9]*-$", server.Ranges[1]);
        Assert.Equal(["plan9-x64-cpu"], Names(Path.GetDirectoryName(Folder)!));
    }

    [Fact]
    public async Task What_was_downloaded_stays_for_the_next_call_when_the_server_is_gone()
    {
        await using ArchiveServer server = await ArchiveServer.Start(s_package);
        for (int i = 0; i < 2; i++)
        {
            server.Cuts.Enqueue(90_000);
        }
        BackendSource source = From(server) with { Download = new() { Attempts = 1 } };
        Assert.Equal("DownloadFailed", Assert.Throws<HyperDasException>(() => BackendInstaller.Install(Folder, Set(), source)).ErrorId);

        server.Cuts.Clear();
        Assert.True(BackendInstaller.Install(Folder, Set(), source));
        Assert.StartsWith("bytes=", server.Ranges[^1]);
    }

    [Fact]
    public async Task Saved_packages_are_what_another_machine_installs_from()
    {
        await using ArchiveServer server = await ArchiveServer.Start(s_package);
        string bundle = Path.Combine(_parent.Path, "bundle");

        string file = Assert.Single(BackendInstaller.Save(bundle, [Set(), Set()], From(server)));
        Assert.Equal([file], BackendInstaller.Save(bundle, [Set()], From(server)));

        Assert.Single(server.Ranges);
        Assert.True(BackendInstaller.Install(Folder, Set(), new() { Folder = bundle }));
    }

    [Fact]
    public async Task A_file_of_other_content_in_a_bundle_is_replaced_only_by_force()
    {
        await using ArchiveServer server = await ArchiveServer.Start(s_package);
        string bundle = Path.Combine(_parent.Path, "bundle"), file = Assert.Single(BackendInstaller.Save(bundle, [Set()], From(server)));
        byte[] right = File.ReadAllBytes(file);
        File.WriteAllText(file, "somebody's own");

        HyperDasException error = Assert.Throws<HyperDasException>(() => BackendInstaller.Save(bundle, [Set()], From(server)));
        Assert.Equal(("OutputExists", "somebody's own"), (error.ErrorId, File.ReadAllText(file)));

        Assert.Equal([file], BackendInstaller.Save(bundle, [Set()], From(server), force: true));
        Assert.Equal(right, File.ReadAllBytes(file));
    }

    [Fact]
    public void The_binding_that_the_engine_was_built_with_is_the_one_that_is_installed()
    {
        Version built = typeof(TorchSharp.torch).Assembly.GetName().Version!;

        Assert.Equal(TorchPlace.TorchSharpVersion, $"{built.Major}.{built.Minor}.{built.Build}");
        Assert.All(BackendSet.Known, set => Assert.Equal(4, set.Packages.Count));
        Assert.Equal("PlatformUnsupported", Assert.Throws<HyperDasException>(() => BackendSet.Of(Platform)).ErrorId);
    }

    [Fact]
    public void The_present_libtorch_computes() => Assert.Empty(BackendProbe.Problems());

    public void Dispose() => _parent.Dispose();

    private static BackendSet Set(byte[]? package = null) =>
        new(Platform, [new("libtorch-plan9", "1.0", Convert.ToBase64String(SHA512.HashData(package ?? s_package)))]);

    private static BackendSource From(ArchiveServer server) =>
        new() { Uri = new Uri(server.Uri, "/"), Download = new() { Pause = TimeSpan.FromMilliseconds(10) } };

    private BackendSource Here() => new() { Folder = Store(s_package) };

    // As NuGet's own package folder lays it out.
    private string Store(byte[] package)
    {
        string folder = Path.Combine(_parent.Path, "packages", "libtorch-plan9", "1.0");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "libtorch-plan9.1.0.nupkg"), package);
        return Path.Combine(_parent.Path, "packages");
    }

    private static string[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    // They hardly compress, so that a download has something to be cut in.
    private static string RandomLetters(int count)
    {
        Random random = new(1);
        return string.Create(count, random, (span, r) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = (char)('!' + r.Next(90));
            }
        });
    }

    private static byte[] Pack(params (string Name, string Content)[] entries)
    {
        using MemoryStream packed = new();
        using (ZipArchive archive = new(packed, ZipArchiveMode.Create))
        {
            foreach ((string name, string content) in entries)
            {
                ZipArchiveEntry created = archive.CreateEntry(name);
                created.ExternalAttributes = name == Link ? UnixLink : 0;
                using Stream entry = created.Open();
                entry.Write(Encoding.UTF8.GetBytes(content));
            }
        }
        return packed.ToArray();
    }
}
