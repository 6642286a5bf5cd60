using HyperDas.Engine.Experiments;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>Documents that aren't YAML, or are meant to exhaust memory or the stack.</summary>
public sealed class YamlTreeTests
{
    [Theory]
    [InlineData("", "The document is empty")]
    [InlineData("# nothing\n", "The document is empty")]
    [InlineData("just text", "The document is empty or isn't a mapping")]
    [InlineData("- a\n- b", "isn't a mapping")]
    [InlineData("target: [", "This isn't YAML")]
    [InlineData("target:\n\tpath: x", "This isn't YAML")]
    [InlineData("a: 1\n---\nb: 2", "A second document")]
    [InlineData("a: &x [*x]", "No anchor '&x' ends")]
    [InlineData("a: *nothing", "No anchor '&nothing' ends")]
    // YamlDotNet's scanner throws no error for these.
    [InlineData(": [\nr", "This isn't YAML")]
    [InlineData("...\n{", "This isn't YAML")]
    public void Is_refused(string text, string expected)
    {
        ExperimentIssue issue = Assert.Single(ExperimentFile.Issues(text));

        Assert.Contains(expected, issue.Message);
    }

    [Fact]
    public void Keys_twice_tags_and_keys_that_are_no_text_are_told()
    {
        Assert.Equal(
            ["2,9 : !int", "7,1 : method", "8,3 : [a]"],
            ExperimentFile.Wrong(ExperimentFile.Least.Replace("path: model", "path: !int model")+ "\nmethod: 1\n? [a]\n: 1"));
    }

    [Fact]
    public void Anchors_work_within_reason()
    {
        IReadOnlyList<ExperimentRun> runs = ExperimentFile.Read("target: { path: &p here }\ndata: { path: *p }\nmethod: { layer: 1 }");

        Assert.Equal(runs[0].Settings.Target.Path, runs[0].Settings.Data.Path);
    }

    [Theory]
    [InlineData("x: &t { epochs: 1, batchSize: 8 }", "<<: *t", 1, 8)]
    [InlineData("x: &t { epochs: 1, batchSize: 8 }", "<<: *t, epochs: 2", 2, 8)]
    [InlineData("x: &t { epochs: 1, batchSize: 8 }", "epochs: 2, <<: *t", 2, 8)]
    [InlineData("x: &t { epochs: 1 }\ny: &u { epochs: 3, batchSize: 8 }", "<<: [*t, *u]", 1, 8)]
    [InlineData("x: { t: &t { epochs: 1 } }", "<<: *t, batchSize: 8", 1, 8)]
    [InlineData("e: &e 1\nb: &b 8", "epochs: *e, batchSize: *b", 1, 8)]
    [InlineData("", "<<: { epochs: 1, batchSize: 8 }", 1, 8)]
    public void Keys_are_merged_from_anchors_whatever_the_anchors_place_is_called(string before, string training, int epochs, int batch)
    {
        ExperimentRun run = Assert.Single(ExperimentFile.Read($"{before}\n{ExperimentFile.Least}\ntraining: {{ {training} }}"));

        Assert.Equal((epochs, batch), (run.Settings.Training.Epochs, run.Settings.Training.BatchSize));
        Assert.Contains("epochs: " + epochs, run.Yaml);
        Assert.DoesNotContain("<<", run.Yaml);
    }

    [Theory]
    [InlineData("x: &t 1", "<<: *t", "<<", "must have the anchor of a mapping")]
    [InlineData("x: [&t { epochs: 1 }]", "<<: [*t, 2]", "<<", "must have the anchor of a mapping")]
    [InlineData("x: &t { epoch: 1 }", "<<: *t", "training.epoch", "did you mean 'epochs'")]
    [InlineData("x: &t { epochs: 1 }", "", "x", "Unknown key 'x'")]
    [InlineData("x:\n  a: &t 1\n  b: *t", "", "x", "Unknown key 'x'")]
    [InlineData("trainin: &t { epochs: 1 }", "<<: *t", "trainin", "did you mean 'training'")]
    [InlineData("x: &t { epochs: 1 }", "<<: *t, <<: *t", "<<", "occurs twice")]
    [InlineData("x: &t { epochs: 1 }", "\"<<\": *t", "training.<<", "Unknown key '<<'")]
    public void A_wrong_merge_is_told(string before, string training, string key, string expected)
    {
        ExperimentIssue issue = Assert.Single(ExperimentFile.Issues($"{before}\n{ExperimentFile.Least}\ntraining: {{ {training} }}"));

        Assert.Contains(expected, issue.Message);
        Assert.Contains(key, $"{issue.Key} {issue.Message}");
    }

    [Fact]
    public void An_alias_bomb_is_refused_before_it_grows()
    {
        string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(
            Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        Assert.Contains("copies of anchors", Assert.Single(ExperimentFile.Issues(bomb)).Message);
    }

    [Theory]
    [InlineData(17)]
    [InlineData(200_000)]
    public void Deep_nesting_is_refused_before_the_stack_ends(int levels)
    {
        Assert.Contains("nested more than", Assert.Single(ExperimentFile.Issues("a: " + new string('[', levels))).Message);
    }

    [Fact]
    public void A_huge_file_is_refused()
    {
        Assert.Contains("characters", Assert.Single(ExperimentFile.Issues("# " + new string('x', 5_000_000))).Message);
        Assert.Contains("characters", Assert.Single(ExperimentFile.Issues("# " + new string('x', 1_100_000))).Message);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        using ExperimentFile file = new("");
        File.WriteAllBytes(file.Path, [(byte)'a', (byte)':', 0xff, 0xfe]);

        HyperDasException error = Assert.Throws<HyperDasException>(() => ExperimentReader.Read(file.Path));

        Assert.Contains("isn't UTF-8", error.Message);
    }
}
