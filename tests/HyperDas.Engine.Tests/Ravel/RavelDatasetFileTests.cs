using System.Security.Cryptography;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class RavelDatasetFileTests : IDisposable
{
    private static readonly RavelBuildOptions s_options =
        new() { TrainPerAttribute = 10, ValPerAttribute = 4, TestPerAttribute = 2, Seed = 3 };
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "town.jsonl");

    [Fact]
    public void A_dataset_survives_the_round_trip()
    {
        RavelDataset dataset = Build(s_options);
        RavelDatasetFile.Write(dataset, File);

        RavelDataset read = RavelDatasetFile.Read(File);

        Assert.Equal(dataset.Train, read.Train);
        Assert.Equal(dataset.Val, read.Val);
        Assert.Equal(dataset.Test, read.Test);
        Assert.Equal((dataset.Name, dataset.Seed, dataset.Counts), (read.Name, read.Seed, read.Counts));
        Assert.Equal(dataset.Attributes, read.Attributes);
    }

    [Fact]
    public void The_length_limit_is_kept_where_it_is_not_the_usual_one()
    {
        RavelDatasetFile.Write(Build(s_options), File);
        Assert.DoesNotContain("maxTokens", System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        Assert.Equal(64, RavelDatasetFile.Read(File).MaxTokens);

        RavelDatasetFile.Write(Build(s_options with { MaxTokens = 200 }), File);
        Assert.Equal(200, RavelDatasetFile.Read(File).MaxTokens);

        System.IO.File.WriteAllText(File, System.IO.File.ReadAllText(File).Replace("\"maxTokens\":200", "\"maxTokens\":1"));
        System.IO.File.Delete(RavelManifestFile.PathFor(File));
        AssertCorrupt("maxTokens is 1");
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        Assert.Equal(Hash(s_options), Hash(s_options));
        Assert.NotEqual(Hash(s_options), Hash(s_options with { Seed = 4 }));
    }

    [Fact]
    public void The_file_is_readable_text_with_line_feeds()
    {
        RavelDatasetFile.Write(Build(s_options with { InstructionStyle = InstructionStyle.EntityPair }), File);

        byte[] bytes = System.IO.File.ReadAllBytes(File);

        Assert.Equal((byte)'{', bytes[0]);
        Assert.DoesNotContain((byte)'\r', bytes);
        Assert.Equal((byte)'\n', bytes[^1]);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        Assert.Equal("PathNotFound", Assert.Throws<HyperDasException>(() => RavelDatasetFile.Read(File)).ErrorId);
    }

    [Theory]
    [InlineData(0, "line 1")]
    [InlineData(1, "contains (0, 0, 0) examples")]
    [InlineData(20, "contains (19, 0, 0) examples")]
    public void A_truncated_file_is_refused(int lines, string named)
    {
        RavelDatasetFile.Write(Build(s_options), File);
        System.IO.File.WriteAllLines(File, System.IO.File.ReadAllLines(File).Take(lines));

        AssertCorrupt(named);
    }

    [Theory]
    [InlineData("null", "line 1")]
    [InlineData("{\"format\":\"something-else\"}", "line 1")]
    [InlineData("not json", "line 1")]
    public void A_file_of_another_kind_is_refused(string content, string named)
    {
        _folder.Write("town.jsonl", content);

        AssertCorrupt(named);
    }

    [Theory]
    [InlineData("\"split\":\"train\"", "\"split\":\"dev\"")]
    [InlineData("\"baseValue\":", "\"value\":")]
    [InlineData("\"kind\":", "\"surplus\":1,\"kind\":")]
    [InlineData("\"kind\":", "\"kind\":\"cause\",\"kind\":")]
    [InlineData("\"baseEntity\":", "\"baseEntity\":null,\"domain2\":")]
    [InlineData("\"split\":\"train\"", "\"split\":0")]
    public void A_damaged_line_is_named(string good, string bad)
    {
        RavelDatasetFile.Write(Build(s_options), File);
        string[] lines = System.IO.File.ReadAllLines(File);
        lines[4] = lines[4].Replace(good, bad);
        System.IO.File.WriteAllLines(File, lines);

        AssertCorrupt("line 5");
    }

    [Fact]
    public void A_domain_that_is_null_is_refused()
    {
        RavelDatasetFile.Write(Build(s_options), File);
        System.IO.File.WriteAllText(File, System.IO.File.ReadAllText(File).Replace("\"domains\":[", "\"domains\":[null,"));

        AssertCorrupt("line 1");
    }

    [Fact]
    public void A_newer_format_is_refused()
    {
        RavelDatasetFile.Write(Build(s_options), File);
        System.IO.File.WriteAllText(File, System.IO.File.ReadAllText(File).Replace("\"version\":1", "\"version\":2"));

        AssertCorrupt("version 2");
    }

    public void Dispose() => _folder.Dispose();

    private void AssertCorrupt(string named)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => RavelDatasetFile.Read(File));
        Assert.Equal("DatasetFileCorrupt", error.ErrorId);
        Assert.Contains(named, error.Message);
        Assert.Contains(File, error.Message);
    }

    private string Hash(RavelBuildOptions options)
    {
        RavelDatasetFile.Write(Build(options), File);
        return Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(File)));
    }

    private static RavelDataset Build(RavelBuildOptions options) => RavelDatasetBuilder.Build(
        [MiniRavel.Read()], TinyTokenizer.Build([]), new FactFilter(new FakeOracle()), options);
}
