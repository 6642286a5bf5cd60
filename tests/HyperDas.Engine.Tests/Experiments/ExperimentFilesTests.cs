using HyperDas.Engine.Experiments;
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
    [InlineData("layer: 6", "", "method.layer", "has 5 blocks, so 5 or less")]
    [InlineData("layer: 5, blocks: 6", "", "method.blocks", "5 or less")]
    [InlineData("layer: 5, featureDimension: 129", "", "method.featureDimension", "128 wide")]
    [InlineData("name: das, layer: 5, featureDimension: 129", "", "method.featureDimension", "128 wide")]
    [InlineData("layer: 5, reflections: 129", "", "method.reflections", "128 or less")]
    [InlineData("layer: 3", "domains: [cities]", "data.domains", "there are city, nobel_prize_winner, occupation, physical_object, verb")]
    [InlineData("layer: 3", "domains: [city], attributes: [Field]", "data.attributes", "there are Country")]
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
    public void A_finished_dataset_takes_no_keys_for_building()
    {
        using TemporaryFolder folder = new();
        string dataset = folder.Write("toy.jsonl", "");

        ExperimentIssue issue = Assert.Single(Issues("layer: 3", "trainPerAttribute: 10", dataset));

        Assert.Equal("data.trainPerAttribute", issue.Key);
        Assert.Contains("a finished dataset", issue.Message);
    }

    private static IReadOnlyList<ExperimentIssue> Issues(string method, string data, string? path = null) =>
        (IReadOnlyList<ExperimentIssue>)Assert.Throws<HyperDasException>(() => Read(method, data, path)).Target!;

    private static IReadOnlyList<ExperimentRun> Read(string method, string data, string? path = null)
    {
        path ??= Path.Combine(s_examples, "data", "ravel-mini");
        using ExperimentFile file = new(
            $$"""
            target: { path: '{{Path.Combine(s_examples, "models", "mini-llama")}}' }
            data: { path: '{{path}}', {{data}} }
            method: { {{method}} }
            """);
        return ExperimentReader.Read(file.Path);
    }
}
