using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class SweepTests
{
    [Fact]
    public void A_sweep_makes_every_combination_and_names_its_folder()
    {
        IReadOnlyList<ExperimentRun> runs = ExperimentFile.Read(
            ExperimentFile.Least + "\nsweep:\n  method.layer: [1, 2]\n  seed: [1, 2, 3]");

        Assert.Equal(
            ["layer-1_seed-1", "layer-1_seed-2", "layer-1_seed-3", "layer-2_seed-1", "layer-2_seed-2", "layer-2_seed-3"],
            runs.Select(r => Path.GetFileName(r.Path)));
        Assert.Equal(Enumerable.Range(0, 6), runs.Select(r => r.Index));
        Assert.Equal("toy/layer-2_seed-3", runs[5].Name);
        Assert.Equal((2, 3L), (runs[5].Settings.Method.Layer, runs[5].Settings.Training.Seed));
        Assert.Equal(new Dictionary<string, string> { ["method.layer"] = "2", ["seed"] = "3" }, runs[5].Values);
        Assert.DoesNotContain("sweep", runs[5].Yaml);
    }

    [Fact]
    public void Lists_are_swept_too_and_keys_of_one_name_keep_their_sections()
    {
        IReadOnlyList<ExperimentRun> runs = ExperimentFile.Read(
            ExperimentFile.Least + "\nsweep:\n  data.domains: [city, [city, verb]]\n  data.seed: [1]\n  seed: [2]");

        Assert.Equal(
            ["domains-city_data.seed-1_seed-2", "domains-city+verb_data.seed-1_seed-2"], runs.Select(r => Path.GetFileName(r.Path)));
        Assert.Equal(["city", "verb"], runs[1].Settings.Data.Domains);
    }

    [Fact]
    public void A_wrong_value_is_told_where_it_stands_in_the_sweep_and_once()
    {
        Assert.Equal(
            ["8,24 method.layer: x"],
            ExperimentFile.Wrong(ExperimentFile.Least + "\nsweep:\n  method.layer: [1, 2, x]\n  seed: [1, 2]"));
    }

    [Fact]
    public void A_setting_of_a_swept_key_ends_that_sweep()
    {
        IReadOnlyList<ExperimentRun> runs = ExperimentFile.Read(
            ExperimentFile.Least + "\nsweep:\n  method.layer: [1, 2]\n  seed: [1, 2]", "method.layer=4");

        Assert.Equal([(4, 1L), (4, 2L)], runs.Select(r => (r.Settings.Method.Layer, r.Settings.Seed)));
    }

    [Fact]
    public void A_setting_can_give_a_sweep()
    {
        Assert.Equal([1, 5], ExperimentFile.Read(ExperimentFile.Least, "sweep.method.layer=[1, 5]").Select(r => r.Settings.Method.Layer));
    }

    [Fact]
    public void Too_many_combinations_are_refused()
    {
        string hundred = string.Join(", ", Enumerable.Range(1, 100));

        Assert.Equal(["7,1 sweep: "], ExperimentFile.Wrong(ExperimentFile.Least
            + $"\nsweep:\n  method.layer: [{hundred}]\n  seed: [{hundred}, 101]"));
    }

    [Fact]
    public void Runs_that_would_share_a_folder_are_refused()
    {
        ExperimentIssue issue = Assert.Single(ExperimentFile.Issues(ExperimentFile.Least + "\nsweep:\n  target.path: [a b, a-b]"));

        Assert.Contains("share the folder", issue.Message);
    }
}
