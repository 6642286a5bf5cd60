using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Files;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Tokenization;
using HyperDas.Engine.Training;
using Xunit;

namespace HyperDas.Engine.Tests.Files;

/// <summary>Files that are larger than anything of their kind are refused before they are read.</summary>
public sealed class WholeFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_configuration_of_gigabytes_is_not_read() =>
        AssertNotRead("ModelConfigInvalid", ModelConfig.FileName, () => ModelConfigFile.Load(_folder.Path));

    [Fact]
    public void An_index_of_gigabytes_is_not_read() =>
        AssertNotRead("CheckpointCorrupt", ModelCheckpoint.IndexFileName, () => ModelCheckpoint.Open(_folder.Path));

    [Fact]
    public void A_tokenizer_of_gigabytes_is_not_read() =>
        AssertNotRead("TokenizerCorrupt", Tokenizer.FileName, () => Tokenizer.Load(_folder.Path));

    [Fact]
    public void Special_tokens_of_gigabytes_are_not_read()
    {
        _folder.Write(Tokenizer.FileName, TinyTokenizer.Json([]));

        AssertNotRead("TokenizerCorrupt", "special_tokens_map.json", () => Tokenizer.Load(_folder.Path));
    }

    [Fact]
    public void Benchmark_files_of_gigabytes_are_not_read()
    {
        MiniRavel.Write(_folder);

        AssertNotRead("RavelFileCorrupt", "ravel_town_entity_to_split.json", () => RavelReader.Read(_folder.Path, "town"));
    }

    [Fact]
    public void Scores_of_gigabytes_are_not_read() =>
        AssertNotRead("ScoresInvalid", "scores.json", () => RavelScoreFile.Read(Path.Combine(_folder.Path, "scores.json")));

    [Fact]
    public void An_Arrow_file_of_gigabytes_is_not_read()
    {
        string folder = TinyArrow.Write(_folder, "x", [TinyArrow.Row]);

        AssertNotRead("DatasetFileCorrupt", Path.Combine("x", "data-0.arrow"), () => ArrowDatasetReader.Read(folder));
    }

    [Fact]
    public void A_line_of_gigabytes_is_read_to_its_limit_only() =>
        AssertNotRead("MetricsInvalid", "metrics.jsonl", () => MetricsLog.Read(Path.Combine(
            _folder.Path, "metrics.jsonl")), most: 16 * TextLines.MaxLength);

    [Fact]
    public void A_file_that_may_not_be_read_is_named()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder.Path, "x.json")).FullName;

        HyperDasException error = Assert.Throws<HyperDasException>(() => WholeFile.Read(folder, 10, "Never"));

        Assert.Equal("FileUnreadable", error.ErrorId);
        Assert.Contains(folder, error.Message);
    }

    public void Dispose() => _folder.Dispose();

    // The file takes no room: nothing was ever written to it.
    private void AssertNotRead(string errorId, string name, Action read, long most = 1 << 20)
    {
        string path = Path.Combine(_folder.Path, name);
        using (FileStream file = File.Create(path))
        {
            file.SetLength(5L << 30);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();

        HyperDasException error = Assert.Throws<HyperDasException>(read);

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(path, error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, most);
    }
}
