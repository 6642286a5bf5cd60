using HyperDas.Engine.Files;
using Xunit;

namespace HyperDas.Engine.Tests.Files;

/// <summary>Finding out before long work whether its result can be written.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas atomic ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("scores.json")]
    [InlineData("missing/folders [1]/scores.json")]
    public void What_can_be_written_leaves_nothing_behind(string name)
    {
        AtomicFile.ThrowIfUnwritable(Path.Combine(_folder, name));

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_file_that_is_there_stays_as_it_is()
    {
        string file = Path.Combine(_folder, "scores.json");
        File.WriteAllText(file, "kept");

        AtomicFile.ThrowIfUnwritable(file);

        Assert.Equal("kept", File.ReadAllText(file));
    }

    [Theory]
    [InlineData("file/scores.json", "is a file")]
    [InlineData("file/more/scores.json", "is a file")]
    [InlineData("folder", "is a folder")]
    public void What_cannot_be_written_is_named(string name, string why)
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        Directory.CreateDirectory(Path.Combine(_folder, "folder"));

        HyperDasException error = Assert.Throws<HyperDasException>(() => AtomicFile.ThrowIfUnwritable(Path.Combine(_folder, name)));

        Assert.Equal("WriteFailed", error.ErrorId);
        Assert.Contains(Path.Combine(_folder, name), error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
