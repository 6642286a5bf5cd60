using HyperDas.Engine.Experiments.Yaml;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class YamlDiagnosisTests
{
    [Theory]
    [InlineData("target:\n\tpath: x", 2, 1, "tab")]
    [InlineData("training:\n  epochs: 1\n \tbatchSize: 4\n", 3, 2, "tab")]
    [InlineData("data:\n  domains: [city\nmethod:\n  layer: 3\n", 2, 12, "'['")]
    [InlineData("data: {path: x\n", 1, 7, "'{'")]
    [InlineData("a: ['x]', [1, 2]\n", 1, 4, "'['")]
    [InlineData("- [\n", 1, 3, "'['")]
    [InlineData("data:\n  domains: [\"city]\nmethod:\n  layer: 3\n", 2, 13, "quotation mark \"")]
    [InlineData("data:\n  path: 'it''s\n", 2, 9, "quotation mark '")]
    public void Place_and_mistake_are_found(string text, int line, int column, string word)
    {
        List<ExperimentIssue> issues = [];

        YamlNode? root = YamlTree.Read(text, new YamlMark("x.yaml", 1, 1), issues);

        Assert.Null(root);
        ExperimentIssue issue = Assert.Single(issues);
        Assert.Equal((line, column), (issue.Line, issue.Column));
        Assert.Contains(word, issue.Message);
    }

    [Theory]
    [InlineData("a: x[1\nb: 'it''s'\nc: \"[\"\n# [ {\nd: 5 # [\n")]
    [InlineData("a:\n\t# a comment\n  b: [1,\n    2]\n")]
    [InlineData("")]
    public void Nothing_is_found_where_nothing_is(string text) => Assert.Null(YamlDiagnosis.Of(text));
}
