using System.Security.Cryptography;
using System.Text.Json;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Instances;
using HyperDas.Engine.Tests.Ravel.Instances;
using HyperDas.Engine.Tests.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class RavelManifestFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "planets.jsonl");

    private string Manifest => Path.Combine(_folder.Path, "planets.manifest.json");

    [Fact]
    public void A_manifest_lies_beside_the_dataset_and_says_where_it_comes_from()
    {
        RavelDatasetFile.Write(Build(), File, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

        JsonElement manifest = JsonDocument.Parse(System.IO.File.ReadAllText(Manifest)).RootElement;

        Assert.Equal("2026-01-02T03:04:05+00:00", manifest.GetProperty("created").GetString());
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(System.IO.File.ReadAllBytes(File))), manifest.GetProperty("sha256").GetString());
        Assert.Equal(("planets.jsonl", 5), (manifest.GetProperty("file").GetString(), manifest.GetProperty("seed").GetInt32()));
        JsonElement provenance = manifest.GetProperty("provenance");
        Assert.Equal(
            ("ravel", "2024-01-15"), (provenance.GetProperty("builder").GetString(), provenance.GetProperty("timeZoneDate").GetString()));
        Assert.NotEmpty(provenance.GetProperty("modelFingerprint").GetString()!);
        Assert.NotEmpty(provenance.GetProperty("tokenizerFingerprint").GetString()!);
        JsonElement part = manifest.GetProperty("examples").EnumerateArray().First(e => e.GetProperty("heldOut").GetString() == "entity");
        Assert.True(part.GetProperty("count").GetInt32() > 0);
    }

    [Fact]
    public void An_instance_with_its_provenance_survives_the_round_trip()
    {
        RavelDataset dataset = Build();
        RavelDatasetFile.Write(dataset, File);

        RavelDataset read = RavelDatasetFile.Read(File);

        Assert.Equal(dataset.Train, read.Train);
        Assert.Equal(dataset.Val, read.Val);
        Assert.Equal(dataset.Test, read.Test);
        Assert.Equal(dataset.Provenance! with { SourceFiles = [] }, read.Provenance! with { SourceFiles = [] });
        Assert.Equal(dataset.Provenance.SourceFiles, read.Provenance!.SourceFiles);
    }

    [Fact]
    public void The_datasets_own_file_is_the_same_from_run_to_run()
    {
        RavelDatasetFile.Write(Build(), File, DateTimeOffset.UnixEpoch);
        byte[] first = System.IO.File.ReadAllBytes(File);
        RavelDatasetFile.Write(Build(), File, DateTimeOffset.UnixEpoch.AddYears(1));

        Assert.Equal(first, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public void A_dataset_without_a_manifest_is_read_all_the_same()
    {
        RavelDatasetFile.Write(Build(), File);
        System.IO.File.Delete(Manifest);

        Assert.Null(RavelDatasetFile.Read(File).Provenance);
    }

    [Fact]
    public void A_manifest_of_another_file_is_refused()
    {
        RavelDatasetFile.Write(Build(), File);
        System.IO.File.WriteAllText(File, System.IO.File.ReadAllText(File).Replace("PlanetA", "PlanetZ"));

        Assert.Equal("DatasetManifestMismatch", Assert.Throws<HyperDasException>(() => RavelDatasetFile.Read(File)).ErrorId);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    public void A_damaged_manifest_is_refused(string content)
    {
        RavelDatasetFile.Write(Build(), File);
        System.IO.File.WriteAllText(Manifest, content);

        HyperDasException error = Assert.Throws<HyperDasException>(() => RavelDatasetFile.Read(File));

        Assert.Equal("DatasetManifestCorrupt", error.ErrorId);
        Assert.Contains(Manifest, error.Message);
    }

    [Fact]
    public void The_hashes_of_the_source_files_are_those_of_their_bytes()
    {
        MiniRavel.Write(_folder);

        RavelDomain domain = RavelReader.Read(_folder.Path, "town");

        Assert.Equal(5, domain.SourceFiles.Count);
        Assert.All(domain.SourceFiles, file => Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(System.IO.File.ReadAllBytes(Path.Combine(_folder.Path, file.Name)))), file.Sha256));
    }

    public void Dispose() => _folder.Dispose();

    private static RavelDataset Build()
    {
        RavelDomain planets = Planets.Domain with { SourceFiles = [new RavelSourceFile("planets.json", "00ff")] };
        RavelDataset dataset = RavelInstanceBuilder.Build(
            [planets], TinyTokenizer.Build([]), Planets.Model(),
            new RavelInstanceOptions { TrainDraws = 100, TestDraws = 16, Seed = 5, MaxTokens = 200 });
        using LanguageModel model = LetterModel.Create();
        return dataset with
        {
            Provenance = DatasetProvenance.Of(RavelBuilder.Ravel, model, [planets], timeZoneDate: UtcOffset.DefaultDate)
        };
    }
}
