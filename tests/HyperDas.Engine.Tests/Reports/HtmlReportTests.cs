using System.Text.RegularExpressions;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Reports.Html;
using HyperDas.Engine.Reports.Plots;
using HyperDas.Engine.Training;
using Xunit;

namespace HyperDas.Engine.Tests.Reports;

public class HtmlReportTests
{
    [Fact]
    public void Scores_are_a_table_a_plot_and_the_best_mean_in_large_figures()
    {
        string page = HtmlReport.Render(new ReportContent { Scores = [Samples.Score("Country", 90, 20), Samples.Score("(all)", 70, 31)] });

        Assert.Contains("<th scope=\"row\">Country</th><td class=\"cause\" style=\"--share:90%\">90.0<small>85.0–95.0</small></td>", page);
        Assert.Contains("<span>disentangle</span><b>50.5</b>", page);
        Assert.Equal(2, Regex.Count(page, "<svg "));
    }

    [Fact]
    public void Corners_are_compared_with_and_never_the_best()
    {
        string page = HtmlReport.Render(new ReportContent
        {
            Scores =
            [
                Samples.Score("(all)", 30, 60, 2), Samples.Score("(all)", 0, 100, 2, "NoIntervention"),
                Samples.Score("(all)", 99, 0, 2, "FullSwap")
            ],
        });

        Assert.Contains("<span>disentangle</span><b>45.0</b>", page);
        Assert.Equal(["HyperDas", "NoIntervention", "FullSwap"], Regex.Matches(page, "<h3>(.*?)</h3>").Select(m => m.Groups[1].Value));
        Assert.DoesNotContain("The best mean", page);
    }

    [Fact]
    public void Scores_of_several_seeds_are_one_mean_with_their_range()
    {
        RavelScore[] scores = [Samples.Score("(all)", 60, 50, 2) with { Seed = 1 }, Samples.Score("(all)", 80, 70, 2) with { Seed = 2 }];

        string page = HtmlReport.Render(new ReportContent { Scores = scores });

        Assert.Contains("<span>cause</span><b>70.0</b><small>60.0–80.0</small>", page);
        Assert.Single(Regex.Matches(page, "<tr class=\"mean\">"));
        Assert.Contains("means over 2 seeds", page);
        Assert.DoesNotContain("95\u00a0% intervals", page);
    }

    [Fact]
    public void Scores_with_other_settings_are_told_apart_and_not_averaged()
    {
        RavelScore[] scores =
            [Samples.Score("(all)", 60, 50) with { Seed = 1, Settings = "batchSize 4" },
                Samples.Score("(all)", 80, 70) with { Seed = 2, Settings = "batchSize 8" }];

        string page = HtmlReport.Render(new ReportContent { Scores = scores });

        Assert.Equal(["batchSize 4", "batchSize 8"], Regex.Matches(page, "<h3>(.*?)</h3>").Select(m => m.Groups[1].Value));
        Assert.DoesNotContain("seeds", page);
    }

    [Fact]
    public void An_incomplete_sweep_says_so()
    {
        ExperimentStatus failed = new()
        {
            Name = "sweep/layer-2", Path = "/runs", Values = new Dictionary<string, string>(), State = ExperimentState.Failed,
                ErrorId = "TrainingDiverged",
        };
        ReportContent[] runs =
            [new() { Scores = [Samples.Score("(all)", 60, 50)], RunCount = 1 }, new() { Unfinished = [failed], RunCount = 1 }];

        Assert.Contains(
            "Incomplete: 1 of 2 runs have no scores: sweep/layer-2 (failed: TrainingDiverged).", HtmlReport.Render(ReportContent.Of(runs)));
        Assert.DoesNotContain("Incomplete", HtmlReport.Render(runs[0]));
    }

    [Fact]
    public void Nothing_is_loaded_from_anywhere()
    {
        string page = HtmlReport.Render(Everything());

        Assert.Contains("default-src 'none'", page);
        Assert.DoesNotMatch("""(?:src|href)=["'](?!#|data:)""", page);
        Assert.DoesNotMatch("""url\((?!#)|@import""", page);
        Assert.Equal(["http://www.w3.org/"], Regex.Matches(page, "https?://[^/]+/").Select(m => m.Value).Distinct());
    }

    [Fact]
    public void What_there_is_nothing_of_is_left_out()
    {
        string page = HtmlReport.Render(new ReportContent { Runs = [new TrainingRun("run", Samples.Steps(3))] });

        Assert.Equal(["training"], Sections(page));
        Assert.DoesNotContain("<script", page);
        Assert.Equal(["scores", "layers", "dimensions", "training", "selection", "run"], Sections(HtmlReport.Render(Everything())));
    }

    [Fact]
    public void An_empty_report_is_refused() =>
        Assert.Equal("ReportEmpty", Assert.Throws<HyperDasException>(() => HtmlReport.Render(new ReportContent())).ErrorId);

    [Fact]
    public void Text_is_never_taken_for_markup()
    {
        const string Evil = "</script><img src=x onerror=alert(1)>";

        string page = HtmlReport.Render(new ReportContent
        {
            Title = Evil,
            Scores = [Samples.Score(Evil, 1, 2)],
            Interventions = [Samples.Intervention(Evil, "b") with { Concept = Evil, OriginalOutput = Evil }],
            Documents =
            [
                new ReportDocument(Evil, Evil, Json: false),
                new ReportDocument("Manifest", "{\"</script><img src=x>\":\"<img src=y>\"}", Json: true)
            ],
        });

        Assert.DoesNotContain("<img", page);
        Assert.Equal(2, Regex.Count(page, "</script>"));
    }

    [Fact]
    public void A_score_of_nothing_is_a_dash()
    {
        string page = HtmlReport.Render(
            new ReportContent { Scores = [Samples.Score("Country", double.NaN, 20) with { CauseInterval = null }] });

        Assert.Contains(">–</td>", page);
        Assert.DoesNotContain("NaN", page);
    }

    [Fact]
    public void The_same_content_gives_the_same_page() => Assert.Equal(HtmlReport.Render(Everything()), HtmlReport.Render(Everything()));

    [Fact]
    public void A_run_s_folder_gives_what_is_in_it()
    {
        using TemporaryFolder folder = new();
        WriteRun(folder.Path, layer: 3);
        folder.Write("experiment.yaml", "seed: 1\n");
        folder.Write("manifest.json", """{ "seed": 1, "files": [{ "name": "a" }] }""");

        ReportContent content = RunContent.Read(folder.Path);

        Assert.Equal(3, Assert.Single(content.Scores).Layer);
        Assert.Equal(4, Assert.Single(content.Runs).Steps.Count);
        string name = Path.GetFileName(folder.Path);
        Assert.Equal([$"Configuration of {name}", $"Manifest of {name}"], content.Documents.Select(d => d.Title));
        string page = HtmlReport.Render(content);
        Assert.Contains("<pre tabindex=\"0\">seed: 1</pre>", page);
        Assert.Contains("<dt>files[0].name</dt><dd>a</dd>", page);
        Assert.Contains($"<h1>{name}</h1>", page);
    }

    [Fact]
    public void A_folder_of_several_runs_is_a_sweep()
    {
        using TemporaryFolder folder = new();
        WriteRun(Path.Combine(folder.Path, "layer-2"), layer: 2);
        WriteRun(Path.Combine(folder.Path, "layer-10"), layer: 10);
        Directory.CreateDirectory(Path.Combine(folder.Path, "notes"));

        ReportContent content = RunContent.Read(folder.Path);

        Assert.Equal(["layer-10", "layer-2"], content.Runs.Select(r => r.Name));
        Assert.Contains("layers", Sections(HtmlReport.Render(content)));
    }

    [Fact]
    public void A_folder_without_a_run_and_a_broken_manifest_are_errors_that_name_them()
    {
        using TemporaryFolder folder = new();
        HyperDasException none = Assert.Throws<HyperDasException>(() => RunContent.Read(folder.Path));
        folder.Write("manifest.json", "{");
        HyperDasException broken = Assert.Throws<HyperDasException>(() => RunContent.Read(folder.Path));

        Assert.Equal(("RunFolderInvalid", "ManifestInvalid"), (none.ErrorId, broken.ErrorId));
        Assert.All([none, broken], e => Assert.Contains(folder.Path, e.Message));
    }

    internal static ReportContent Everything()
    {
        InterventionResult first = Samples.Intervention("V", "enna");
        return new ReportContent
        {
            Title = "A report with a very long title, even_a_word_that_does_not_end_where_a_phone_would_like_it_to",
            Scores =
            [
                Samples.Score("Country", 90, 20, 1), Samples.Score("(all)", 70, 30, 1), Samples.Score("Country", 95, 40, 2),
                Samples.Score("(all)", 75, 45, 2)
            ],
            Runs = [new TrainingRun("run", Samples.Steps(200))],
            Interventions =
            [
                first,
                first with { SelectionMode = SelectionMode.OneToOne, IntervenedOutput = "Italy", Weights = [[0, 0], [0, 1], [1, 0]] },
                Samples.Intervention("</script><b>", "a", "b"),
                Samples.Intervention([.. Enumerable.Range(0, 40).Select(i => "token" + i)]),
            ],
            Documents =
            [
                new ReportDocument("Configuration", "seed: 1\npath: " + new string('x', 300), Json: false),
                new ReportDocument("Manifest", $$"""{ "versions": { "torch": "2.10" }, "hash": "{{new string('f', 64)}}" }""", Json: true),
            ],
        };
    }

    private static void WriteRun(string folder, int layer)
    {
        RavelScoreFile.Write([Samples.Score("(all)", 10 * layer, 50, layer)], Path.Combine(folder, "scores.json"));
        using MetricsLog log = new(Path.Combine(folder, "metrics.jsonl"));
        Array.ForEach(Samples.Steps(4), log.Write);
    }

    private static string[] Sections(string page) => [.. Regex.Matches(page, "<section id=\"(\\w+)\">").Select(m => m.Groups[1].Value)];
}
