using System.Formats.Tar;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Downloads;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel.Downloads;

/// <summary>From a copy that is there, and what holds wherever the files come from.</summary>
public sealed class RavelSaverTests : IDisposable
{
    private readonly TemporaryFolder _parent = new();

    private string Folder => Path.Combine(_parent.Path, "ravel");

    [Fact]
    public void A_folder_or_an_archive_serves_without_a_connection()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_parent.Path, "copy")).FullName;
        foreach ((string name, byte[] content) in TinyArchive.Contents)
        {
            File.WriteAllBytes(Path.Combine(folder, name), content);
        }

        RavelSaver.Save(Folder, Offline(folder));
        AssertSaved();
        Directory.Delete(Folder, recursive: true);
        RavelSaver.Save(Folder, Offline(Archive(TinyArchive.Good())));

        AssertSaved();
    }

    [Fact]
    public void An_incomplete_copy_is_refused()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() =>
            RavelSaver.Save(Folder, Offline(Archive(TinyArchive.Pack(("data/one.json", TinyArchive.Contents["one.json"]))))));

        Assert.Equal("RavelFilesMissing", error.ErrorId);
        Assert.Contains("two.json", error.Message);
        Assert.False(Directory.Exists(Folder));
    }

    [Theory]
    [InlineData("../one.json")]
    [InlineData("data/../../one.json")]
    [InlineData("/tmp/one.json")]
    [InlineData("..\\one.json")]
    public void An_entry_that_points_out_of_the_archive_is_refused(string name)
    {
        string archive = Archive(
            TinyArchive.Pack((name, TinyArchive.Contents["one.json"]), ("two.json", TinyArchive.Contents["two.json"])));

        Assert.Equal("ArchiveInvalid", Assert.Throws<HyperDasException>(() => RavelSaver.Save(Folder, Offline(archive))).ErrorId);
        Assert.Equal([archive], Directory.GetFileSystemEntries(_parent.Path));
    }

    [Theory]
    [InlineData('x', "17777777777")]
    [InlineData('L', "17777777777")]
    [InlineData('0', "77777777777")]
    [InlineData('0', "9")]
    public void An_archive_that_claims_more_than_it_has_takes_no_memory(char kind, string length)
    {
        string archive = Archive(TinyArchive.Claiming(kind, length));
        long before = GC.GetAllocatedBytesForCurrentThread();

        HyperDasException error = Assert.Throws<HyperDasException>(() => RavelSaver.Save(Folder, Offline(archive)));

        Assert.Equal("ArchiveInvalid", error.ErrorId);
        Assert.Contains(archive, error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    public void Links_are_not_followed(TarEntryType link)
    {
        string outside = _parent.Write("outside.json", "mine");
        string archive = Archive(TinyArchive.Pack(
        [
            new PaxTarEntry(link, "data/one.json") { LinkName = outside },
            .. TinyArchive.Contents.Select(
                file => new PaxTarEntry(TarEntryType.RegularFile, "data/" + file.Key) { DataStream = new MemoryStream(file.Value) }),
        ]));

        RavelSaver.Save(Folder, Offline(archive));

        AssertSaved();
        Assert.Equal("mine", File.ReadAllText(outside));
        Assert.Null(new FileInfo(Path.Combine(Folder, "one.json")).LinkTarget);
    }

    [Theory]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Ustar)]
    public void Files_in_deep_folders_are_found(TarEntryFormat format)
    {
        // Beyond the hundred letters of a plain header.
        string deep = string.Join('/', Enumerable.Repeat("a folder", format == TarEntryFormat.Ustar ? 15 : 40));
        RavelSaver.Save(Folder, Offline(Archive(
            TinyArchive.Pack(TinyArchive.Contents.Select(file => Entry($"{deep}/{file.Key}", file.Value)), format))));

        AssertSaved();

        TarEntry Entry(string name, byte[] content)
        {
            MemoryStream data = new(content);
            return format switch
            {
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
                TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
                _ => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
            };
        }
    }

    [Fact]
    public void A_missing_source_is_named()
    {
        Assert.Equal("PathNotFound", Assert.Throws<HyperDasException>(() => RavelSaver.Save(
            Folder, Offline(Path.Combine(_parent.Path, "none")))).ErrorId);
    }

    [Fact]
    public void Files_that_differ_are_replaced_only_by_force()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "one.json"), "mine");
        File.WriteAllText(Path.Combine(Folder, "other.txt"), "mine");
        RavelSaveOptions options = Offline(Archive(TinyArchive.Good()));

        Assert.Equal("OutputExists", Assert.Throws<HyperDasException>(() => RavelSaver.Save(Folder, options)).ErrorId);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Folder, "one.json")));
        RavelSaver.Save(Folder, options with { Force = true });

        AssertSaved();
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Folder, "other.txt")));
    }

    [SkippableFact]
    public void The_official_files_are_the_pinned_ones()
    {
        RavelSaver.Save(Folder, new RavelSaveOptions { SourcePath = SharedData.Require("data", "ravel") });

        Assert.Equal(25 + 10, Directory.GetFiles(Folder).Length);
        Assert.All(RavelReader.Domains(Folder), domain => Assert.Null(ConceptWording.Shortcoming([RavelReader.Read(Folder, domain)])));
        Assert.Equal(5, RavelReader.Domains(Folder).Count);
    }

    [Fact]
    public void Every_domains_files_are_pinned()
    {
        string[] domains = ["city", "nobel_prize_winner", "occupation", "physical_object", "verb"];

        Assert.Equal(domains.SelectMany(RavelReader.FileNames).Order(), RavelFileSet.Official.Sha256.Keys.Order());
        Assert.All(RavelFileSet.Official.Sha256.Values, hash => Assert.Matches("^[0-9a-f]{64}$", hash));
    }

    public void Dispose() => _parent.Dispose();

    private static RavelSaveOptions Offline(string source) =>
        new() { Files = TinyArchive.Files(new Uri("http://127.0.0.1:9/")), SourcePath = source };

    private string Archive(byte[] content)
    {
        string path = Path.Combine(_parent.Path, "data.tgz");
        File.WriteAllBytes(path, content);
        return path;
    }

    private void AssertSaved()
    {
        foreach ((string name, byte[] content) in TinyArchive.Contents)
        {
            Assert.Equal(content, File.ReadAllBytes(Path.Combine(Folder, name)));
        }
        Assert.DoesNotContain(
            Directory.GetFileSystemEntries(_parent.Path), entry => entry.StartsWith(Folder + ".", StringComparison.Ordinal));
    }
}
