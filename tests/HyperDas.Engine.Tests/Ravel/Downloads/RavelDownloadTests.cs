using System.Diagnostics;
using HyperDas.Engine.Ravel.Downloads;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel.Downloads;

/// <summary>From a web server, which may misbehave.</summary>
public sealed class RavelDownloadTests : IDisposable
{
    private readonly TemporaryFolder _parent = new();

    private string Folder => Path.Combine(_parent.Path, "ravel");

    [Fact]
    public async Task Files_are_downloaded_checked_and_put_in_place()
    {
        await using ArchiveServer server = await ArchiveServer.Start(TinyArchive.Good());
        Steps progress = new();

        Assert.True(RavelSaver.Save(Folder, Options(server), progress));

        AssertSaved();
        Assert.Contains(progress.Seen, step => step.Completed == step.Total && step.Total > 200_000);
        Assert.False(RavelSaver.Save(Folder, Options(server)));
        Assert.Single(server.Ranges);
    }

    [Fact]
    public async Task A_redirect_is_followed()
    {
        await using ArchiveServer server = await ArchiveServer.Start(TinyArchive.Good());

        RavelSaver.Save(Folder, Options(server) with { Uri = new Uri(server.Uri, "moved.tgz") });

        AssertSaved();
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_taken_up_where_it_broke()
    {
        await using ArchiveServer server = await ArchiveServer.Start(TinyArchive.Good());
        server.Cuts.Enqueue(70_000);
        server.Cuts.Enqueue(50_000);

        RavelSaver.Save(Folder, Options(server));

        AssertSaved();
        Assert.Equal(3, server.Ranges.Count);
        Assert.Equal("", server.Ranges[0]);
        Assert.All(server.Ranges[1..], range => Assert.Matches("^bytes=[1-9][0-9]*-$", range));
    }

    [Fact]
    public async Task What_was_downloaded_before_giving_up_is_kept_for_the_next_call()
    {
        await using ArchiveServer server = await ArchiveServer.Start(TinyArchive.Good());
        server.Cuts.Enqueue(70_000);

        HyperDasException error = Assert.Throws<HyperDasException>(() => RavelSaver.Save(Folder, Options(server, attempts: 1)));
        Assert.Equal("DownloadFailed", error.ErrorId);
        Assert.False(Directory.Exists(Folder));
        RavelSaver.Save(Folder, Options(server));

        AssertSaved();
        Assert.Matches("^bytes=[1-9][0-9]*-$", server.Ranges[1]);
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_starts_again()
    {
        await using ArchiveServer server = await ArchiveServer.Start(TinyArchive.Good());
        server.IgnoresRanges = true;
        server.Cuts.Enqueue(70_000);

        RavelSaver.Save(Folder, Options(server));

        AssertSaved();
    }

    [Fact]
    public async Task A_complete_partial_file_is_not_downloaded_again()
    {
        byte[] archive = TinyArchive.Good();
        await using ArchiveServer server = await ArchiveServer.Start(archive);
        server.Cuts.Enqueue(70_000);
        Assert.Throws<HyperDasException>(() => RavelSaver.Save(Folder, Options(server, attempts: 1)));
        File.WriteAllBytes(Directory.GetFiles(_parent.Path, "*.part").Single(), archive);

        RavelSaver.Save(Folder, Options(server));

        AssertSaved();
        Assert.Equal($"bytes={archive.Length}-", server.Ranges[^1]);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again()
    {
        await using ArchiveServer server = await ArchiveServer.Start(TinyArchive.Good());
        server.Failures.Enqueue(503);
        server.Failures.Enqueue(429);

        RavelSaver.Save(Folder, Options(server));

        AssertSaved();
    }

    [Fact]
    public async Task An_address_that_has_nothing_is_named_at_once()
    {
        await using ArchiveServer server = await ArchiveServer.Start(TinyArchive.Good());
        server.Failures.Enqueue(404);

        HyperDasException error = Assert.Throws<HyperDasException>(() => RavelSaver.Save(Folder, Options(server)));

        Assert.Equal(("DownloadFailed", HyperDasErrorKind.NotFound), (error.ErrorId, error.Kind));
        Assert.Contains(server.Uri.AbsoluteUri, error.Message);
        Assert.Contains("404", error.Message);
        Assert.Single(server.Ranges);
    }

    [Fact]
    public async Task A_server_that_sends_nothing_more_is_given_up()
    {
        await using ArchiveServer server = await ArchiveServer.Start(TinyArchive.Good());
        server.GoesSilent = true;

        HyperDasException error = Assert.Throws<HyperDasException>(() =>
            RavelSaver.Save(Folder, Options(server, attempts: 1, patience: 0.3)));

        Assert.Equal("DownloadFailed", error.ErrorId);
    }

    [Fact]
    public async Task Cancelling_stops_a_download_and_keeps_what_is_there()
    {
        await using ArchiveServer server = await ArchiveServer.Start(TinyArchive.Good());
        server.GoesSilent = true;
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(500));
        Stopwatch clock = Stopwatch.StartNew();

        Assert.ThrowsAny<OperationCanceledException>(() => RavelSaver.Save(Folder, Options(server), cancellationToken: stop.Token));

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.False(Directory.Exists(Folder));
        Assert.Single(Directory.GetFiles(_parent.Path, "*.part"));
    }

    [Fact]
    public async Task Files_that_are_not_the_benchmarks_are_refused_and_not_continued()
    {
        await using ArchiveServer server = await ArchiveServer.Start(
            TinyArchive.Pack(("data/one.json", [1]), ("data/two.json", TinyArchive.Contents["two.json"])));

        HyperDasException error = Assert.Throws<HyperDasException>(() => RavelSaver.Save(Folder, Options(server)));

        Assert.Equal("RavelFileMismatch", error.ErrorId);
        Assert.Contains("one.json", error.Message);
        AssertNothingLeft();
    }

    [Fact]
    public async Task A_page_instead_of_an_archive_is_refused()
    {
        await using ArchiveServer server = await ArchiveServer.Start("<html>Sign in</html>"u8.ToArray());

        Assert.Equal("ArchiveInvalid", Assert.Throws<HyperDasException>(() => RavelSaver.Save(Folder, Options(server))).ErrorId);
        AssertNothingLeft();
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/data.tgz")]
    public void Only_web_addresses_are_downloaded(string uri)
    {
        Assert.Equal("UriUnsupported", Assert.Throws<HyperDasException>(() => RavelSaver.Save(
            Folder, new RavelSaveOptions { Uri = new Uri(uri) })).ErrorId);
    }

    public void Dispose() => _parent.Dispose();

    private static RavelSaveOptions Options(ArchiveServer server, int attempts = 4, double patience = 20) => new()
    {
        Files = TinyArchive.Files(server.Uri),
        Download = new() { Attempts = attempts, Pause = TimeSpan.FromMilliseconds(10), Patience = TimeSpan.FromSeconds(patience) },
    };

    private void AssertSaved()
    {
        foreach ((string name, byte[] content) in TinyArchive.Contents)
        {
            Assert.Equal(content, File.ReadAllBytes(Path.Combine(Folder, name)));
        }
        Assert.DoesNotContain(
            Directory.GetFileSystemEntries(_parent.Path), entry => entry.StartsWith(Folder + ".", StringComparison.Ordinal));
    }

    private void AssertNothingLeft() => Assert.Empty(Directory.GetFileSystemEntries(_parent.Path));

    private sealed class Steps : IProgress<WorkProgress>
    {
        internal List<WorkProgress> Seen { get; } = [];

        public void Report(WorkProgress value) => Seen.Add(value);
    }
}
