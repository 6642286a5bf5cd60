using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Tests.Reports;
using Xunit;

namespace HyperDas.Engine.Tests.Evaluation;

public class RavelScoreFileTests
{
    [Fact]
    public void What_was_written_is_read_again()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "scores.json");
        RavelScore[] scores =
            [Samples.Score("Country", 90, double.NaN, layer: 3), Samples.Score("Sprache „ü“", 1, 2) with { Template = "%s is in" }];

        RavelScoreFile.Write(scores, file);

        Assert.Equal(scores, RavelScoreFile.Read(file));
    }

    [Fact]
    public void Rows_of_a_table_of_results_are_means_over_attributes()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("results.json",
            """[{ "method": "MDAS", "selection": "oneToOne", "domain": "city", "seed": 1, "layer": 2, "dimension": 32, "cause": 80.5, "isolate": 20 }]""");

        RavelScore score = Assert.Single(RavelScoreFile.Read(file));

        Assert.Equal(
            ("MDAS", "city", RavelScore.All, SelectionMode.OneToOne), (score.Method, score.Domain, score.Attribute, score.SelectionMode));
        Assert.Equal((80.5, 20, 2, 32), (score.Cause, score.Isolate, score.Layer, score.FeatureDimension));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""[{ "domain": "city" }]""")]
    [InlineData("""[{ "selection": "sideways", "domain": "city", "method": "x", "cause": 1, "isolate": 1 }]""")]
    [InlineData("[null]")]
    [InlineData("""[{ "selection": "soft", "domain": null, "method": "x", "cause": 1, "isolate": 1 }]""")]
    [InlineData("""[{ "selection": "soft", "domain": "city", "method": "\ud800", "cause": 1, "isolate": 1 }]""")]
    [InlineData("""[{ "selection": 99, "domain": "city", "method": "x", "cause": 1, "isolate": 1 }]""")]
    [InlineData("""[{ "selection": "soft", "domain": "city", "domain": "verb", "method": "x", "cause": 1, "isolate": 1 }]""")]
    public void Anything_else_is_refused_with_the_file_s_name(string content)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("scores.json", content);

        HyperDasException e = Assert.Throws<HyperDasException>(() => RavelScoreFile.Read(file));

        Assert.Equal("ScoresInvalid", e.ErrorId);
        Assert.Contains(file, e.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_not_found() =>
        Assert.Equal("PathNotFound", Assert.Throws<HyperDasException>(() => RavelScoreFile.Read("/nowhere/scores.json")).ErrorId);
}
