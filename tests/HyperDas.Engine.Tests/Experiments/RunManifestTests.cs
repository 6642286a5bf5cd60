using System.Text.Json.Nodes;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Tests.Fuzzing.Targets;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class RunManifestTests
{
    [Theory]
    [InlineData("durationSeconds", "1e300")]
    [InlineData("durationSeconds", "-1")]
    [InlineData("name", "null")]
    [InlineData("model.dtype", "99")]
    [InlineData("model.computeDtype", "\"wide\"")]
    public void A_manifest_that_cannot_be_is_refused_with_its_name(string key, string value)
    {
        using TemporaryFolder folder = new();
        JsonObject manifest = RunTarget.Manifest();
        string file = folder.Write(RunFolder.ManifestFile, manifest.ToJsonString());
        Assert.Equal(60, RunManifest.Read(file).DurationSeconds);
        string[] names = key.Split('.');
        (names.Length == 1 ? manifest : manifest[names[0]]!.AsObject())[names[^1]] = JsonNode.Parse(value);
        File.WriteAllText(file, manifest.ToJsonString());

        HyperDasException error = Assert.Throws<HyperDasException>(() => RunManifest.Read(file));

        Assert.Equal("ManifestCorrupt", error.ErrorId);
        Assert.Contains(file, error.Message);
    }
}
