using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Tests.LanguageModels;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>Settings against the bundled model and data.</summary>
public sealed class ExperimentFilesTests
{
    private static readonly string s_examples = Path.Combine(SharedData.RepositoryRoot(), "examples");

    [Fact]
    public void Right_settings_pass()
    {
        Assert.Single(Read("layer: 3", "domains: [city], attributes: [Country]"));
    }

    [Theory]
    [InlineData("layer: 6", "", "method.layer", "has 5 blocks, so it must be at most 5")]
    [InlineData("layer: 5, blocks: 6", "", "method.blocks", "at most 5")]
    [InlineData("layer: 5, featureDimension: 129", "", "method.featureDimension", "128 is the target's hidden width")]
    [InlineData("name: das, layer: 5, featureDimension: 129", "", "method.featureDimension", "128 is the target's hidden width")]
    [InlineData("layer: 5, reflections: 129", "", "method.reflections", "at most 128")]
    [InlineData(
        "layer: 3", "domains: [cities]", "data.domains", "its domains are city, nobel_prize_winner, occupation, physical_object, verb")]
    [InlineData("layer: 3", "domains: [city], attributes: [Field]", "data.attributes", "the attributes are Country")]
    public void Impossible_settings_are_told(string method, string data, string key, string expected)
    {
        ExperimentIssue issue = Assert.Single(Issues(method, data));

        Assert.Equal(key, issue.Key);
        Assert.Contains(expected, issue.Message);
    }

    [Fact]
    public void Missing_folders_are_told_at_their_keys()
    {
        using ExperimentFile file = new(ExperimentFile.Least);

        HyperDasException error = Assert.Throws<HyperDasException>(() => ExperimentReader.Read(file.Path));

        Assert.Equal([(2, "target.path"), (4, "data.path")], ((IReadOnlyList<ExperimentIssue>)error.Target!).Select(i => (i.Line, i.Key)));
    }

    [Fact]
    public void A_model_of_the_cache_is_found_by_its_name_and_a_folder_of_that_name_comes_first()
    {
        using TemporaryFolder cache = new();
        string cached = Directory.CreateDirectory(Path.Combine(cache.Path, "models--maker--tiny", "snapshots", "1")).FullName;
        TinyLlama.Save(cached);
        ExperimentReadOptions options = new() { Cache = new HubCache(cache.Path) };
        string data = Path.Combine(s_examples, "data", "ravel-mini");
        using ExperimentFile file = new(
            $"target: {{ path: maker/tiny }}\ndata: {{ path: '{data}' }}\nmethod: {{ layer: 1, featureDimension: 8, reflections: 8 }}");

        Assert.Equal(
            Path.Combine(cache.Path, "models--maker--tiny"), Assert.Single(ExperimentReader.Read(file.Path, options)).Settings.Target.Path);
        HyperDasException error = Assert.Throws<HyperDasException>(
            () => ExperimentReader.Read(file.Path, options with { Cache = new HubCache(Path.Combine(cache.Path, "none")) }));
        Assert.Contains("'Save-HyperDasModel -Id maker/tiny'", Assert.Single((IReadOnlyList<ExperimentIssue>)error.Target!).Message);
        string near = Path.Combine(Path.GetDirectoryName(file.Path)!, "maker", "tiny");
        TinyLlama.Save(Directory.CreateDirectory(near).FullName);
        Assert.Equal(near, Assert.Single(ExperimentReader.Read(file.Path, options)).Settings.Target.Path);
    }

    [Fact]
    public void A_finished_dataset_takes_no_keys_for_building()
    {
        using TemporaryFolder folder = new();
        string dataset = folder.Write("toy.jsonl", "");

        ExperimentIssue issue = Assert.Single(Issues("layer: 3", "trainPerAttribute: 10", dataset));

        Assert.Equal("data.trainPerAttribute", issue.Key);
        Assert.Contains("a finished dataset", issue.Message);
    }

    [Theory]
    [InlineData("layer: 3", "", "The path is empty")]
    [InlineData("layer: 3", "nowhere", "is not an interpreter")]
    [InlineData("name: mdas, layer: 3", "nowhere", "only to hyperDas, not to mdas")]
    public void A_start_that_there_is_not_is_told(string method, string from, string expected)
    {
        ExperimentIssue issue = Assert.Single(Issues(method, "domains: [city]", from: from));

        Assert.Equal("training.from", issue.Key);
        Assert.Contains(expected, issue.Message);
    }

    [Fact]
    public void A_start_must_have_the_shape()
    {
        string kept = Path.Combine(SharedData.RepositoryRoot(), "tests", "Fixtures", "kept", "e2b0052", "interpreters", "HyperDas");

        ExperimentIssue issue = Assert.Single(Issues("layer: 3, blocks: 2", "domains: [city]", from: kept));

        Assert.Equal("training.from", issue.Key);
        Assert.Contains("has a different shape: Blocks 2 (was 1), FeatureDimension 24 (was 8), EndBias False (was True)", issue.Message);
    }

    [Theory]
    [InlineData("chatTemplate: true", "target.chatTemplate", "its files have none")]
    [InlineData("adapter: nowhere", "target.adapter", "has no adapter_config.json")]
    public void What_the_target_cannot_be_used_with_is_told(string target, string key, string expected)
    {
        ExperimentIssue issue = Assert.Single(Issues("layer: 3", "domains: [city]", target: ", " + target));

        Assert.Equal(key, issue.Key);
        Assert.Contains(expected, issue.Message);
    }

    private static IReadOnlyList<ExperimentIssue> Issues(
        string method, string data, string? path = null, string? from = null, string target = "") =>
        (IReadOnlyList<ExperimentIssue>)Assert.Throws<HyperDasException>(() => Read(method, data, path, from, target)).Target!;

    private static IReadOnlyList<ExperimentRun> Read(
        string method, string data, string? path = null, string? from = null, string target = "")
    {
        path ??= Path.Combine(s_examples, "data", "ravel-mini");
        using ExperimentFile file = new(
            $$"""
            target: { path: '{{Path.Combine(s_examples, "models", "mini-llama")}}'{{target}} }
            data: { path: '{{path}}', {{data}} }
            method: { {{method}} }
            training: { from: {{(from is null ? "null" : $"'{from}'")}} }
            """);
        return ExperimentReader.Read(file.Path);
    }
}
