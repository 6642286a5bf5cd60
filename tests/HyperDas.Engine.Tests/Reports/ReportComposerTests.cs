using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Reports.Html;
using HyperDas.Engine.Tests.Experiments;
using Xunit;

namespace HyperDas.Engine.Tests.Reports;

public sealed class ReportComposerTests
{
    [Fact]
    public void A_report_is_composed_of_results_and_of_the_files_that_hold_them()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "scores.json"), run = Path.Combine(folder.Path, "run");
        RavelScoreFile.Write([Samples.Score("Country", 60, 70, layer: 2)], file);
        Directory.CreateDirectory(run);
        RavelScoreFile.Write([Samples.Score("Language", 50, 80, layer: 3)], Path.Combine(run, RunFolder.ScoresFile));
        ReportComposer composer = new();

        composer.Add(new FileInfo(file));
        composer.Add(Samples.Intervention("V", "ienna"));
        composer.Add(new DirectoryInfo(run));
        composer.Add(Samples.Score("Continent", 40, 90, layer: 4));
        ReportContent content = composer.Compose();

        // What is read of runs comes before single scores.
        Assert.Equal(["Language", "Country", "Continent"], content.Scores.Select(score => score.Attribute));
        Assert.Single(content.Interventions);
        Assert.Equal("run", content.Title);
        Assert.Equal("Mine", composer.Compose("Mine").Title);
    }

    [Fact]
    public void What_a_report_cannot_show_is_refused()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => new ReportComposer().Add(3));

        Assert.Equal(("PlotInputInvalid", 3), (error.ErrorId, error.Target));
        Assert.True(new ReportComposer().Compose().IsEmpty);
    }

    [Fact]
    public void A_finished_run_gets_the_report_that_it_lacks_and_only_that()
    {
        using ToyExperiment toy = new();
        ExperimentRun run = toy.Read();
        using ExperimentRunner silent = new(), runner = new(RunReport.Write);
        string page = Path.Combine(run.Path, RunFolder.ReportFile);

        silent.Run(run);
        bool before = File.Exists(page);
        runner.Run(run);
        string written = File.ReadAllText(page);
        File.WriteAllText(page, "mine");
        runner.Run(run);

        Assert.False(before);
        Assert.Contains($"<h1>{run.Name}</h1>", written);
        Assert.Equal("mine", File.ReadAllText(page));
    }
}
