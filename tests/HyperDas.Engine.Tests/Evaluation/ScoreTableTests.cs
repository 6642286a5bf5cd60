using HyperDas.Engine.Evaluation;
using Xunit;

namespace HyperDas.Engine.Tests.Evaluation;

public sealed class ScoreTableTests
{
    // Country: two templates, one with 4 examples and one with 1. Isolate asks Language once and Continent, in two templates, 1 + 3 times.
    private static readonly (RavelExample Example, bool Right)[] s_log =
    [
        (Cause("a", "A"), true), (Cause("a", "B"), true), (Cause("a", "C"), true), (Cause("a", "D"), false),
        (Cause("b", "A"), false),
        (Isolate("Language", "c", "A"), true),
        (Isolate("Continent", "d", "A"), true),
        (Isolate("Continent", "e", "A"), false), (Isolate("Continent", "e", "B"), false), (Isolate("Continent", "e", "C"), true),
    ];

    [Fact]
    public void Pooling_dialects_weigh_examples_equally()
    {
        RavelScore score = Score(s_log, RavelDialect.HyperDas)[0];

        Assert.Equal((60.0, 60.0, 60.0), (score.Cause, score.Isolate, score.Disentangle));
        Assert.Equal((5, 5), (score.CauseCount, score.IsolateCount));
    }

    [Fact]
    public void Ravel_weighs_templates_equally_and_then_attributes()
    {
        RavelScore score = Score(s_log, RavelDialect.Ravel)[0];

        Assert.Equal(100 * (3 / 4.0 + 0) / 2, score.Cause, 10);
        Assert.Equal(100 * (1 + (1 + (1 / 3.0)) / 2) / 2, score.Isolate, 10);
    }

    [Fact]
    public void Nothing_is_rounded_before_it_is_averaged()
    {
        (RavelExample, bool)[] thirds =
            [(Cause("a", "A"), true), (Cause("a", "B"), false), (Cause("a", "C"), false), (Isolate("Language", "c", "A"), true)];

        Assert.Equal(100 / 3.0, Score(thirds, RavelDialect.Ravel)[^1].Cause, 12);
    }

    [Fact]
    public void A_template_has_a_score_of_its_own_on_request()
    {
        RavelScore[] scores = Score(s_log, RavelDialect.Ravel, perTemplate: true);

        Assert.Equal([null, "a", "b", "c", "d", "e", null], scores.Select(score => score.Template));
        Assert.Equal((75.0, 4, 0), (scores[1].Cause, scores[1].CauseCount, scores[1].IsolateCount));
        Assert.True(double.IsNaN(scores[1].Isolate));
        Assert.Equal(100 / 3.0, scores[5].Isolate, 12);
    }

    [Fact]
    public void Context_and_entity_examples_are_never_mixed()
    {
        RavelScore[] scores = Score(
            [
                (Cause("a", "A") with { HeldOut = RavelHeldOut.Entity }, false),
                (Cause("a", "B") with { HeldOut = RavelHeldOut.Context }, true),
            ],
            RavelDialect.Ravel);

        Assert.Equal(
            [(RavelHeldOut.Context, "Country", 100.0), (RavelHeldOut.Context, RavelScore.All, 100.0), (RavelHeldOut.Entity, "Country", 0.0),
                (RavelHeldOut.Entity, RavelScore.All, 0.0)],
            scores.Select(score => (score.HeldOut, score.Attribute, score.Cause)));
    }

    [Theory]
    [InlineData(RavelDialect.HyperDas, 200 / 3.0)]
    [InlineData(RavelDialect.Mib, 200 / 3.0)]
    [InlineData(RavelDialect.Ravel, 75.0)]
    [InlineData(RavelDialect.SaeBench, 75.0)]
    public void Several_domains_have_a_mean_each_and_the_last_row_averages_attributes_or_domains(RavelDialect dialect, double cause)
    {
        RavelScore[] scores = Score(
            [
                (Cause("a", "A"), true), (Cause("a", "A") with { Attribute = "Language", AskedAttribute = "Language" }, false),
                (Cause("a", "A") with { Domain = "verb", Attribute = "Singular", AskedAttribute = "Singular" }, true),
            ],
            dialect);

        Assert.Equal(
            [("city", "Country"), ("city", "Language"), ("city", RavelScore.All), ("verb", "Singular"), ("verb", RavelScore.All),
                (RavelScore.All, RavelScore.All)],
            scores.Select(score => (score.Domain, score.Attribute)));
        Assert.Equal(cause, scores[^1].Cause, 10);
        Assert.Equal(3, scores[^1].CauseCount);
    }

    [Fact]
    public void What_there_is_no_example_of_is_not_a_number_and_no_part_of_a_mean()
    {
        RavelScore[] scores = Score(
            [(Cause("a", "A"), true), (Cause("a", "A") with { Attribute = "Language", Kind = RavelExampleKind.Isolate }, false)],
            RavelDialect.HyperDas);

        Assert.True(double.IsNaN(scores[0].Isolate));
        Assert.Equal((100.0, 0.0), (scores[^1].Cause, scores[^1].Isolate));
    }

    [Fact]
    public void Hyper_das_means_are_the_plain_ones_bit_for_bit()
    {
        Random random = new(3);
        string[] attributes = ["Country", "Language", "Continent", "Timezone", "Latitude", "Longitude"];
        (RavelExample Example, bool Right)[] log =
        [
            .. Enumerable.Range(0, 997).Select(i => (
                Cause("t", $"E{random.Next(50)}") with
                {
                    Attribute = attributes[random.Next(6)], Kind = (RavelExampleKind)random.Next(2)
                }, random.Next(3) > 0)),
        ];
        double[] cause =
        [
            .. log.GroupBy(e => e.Example.Attribute).Select(group => group.Where(e => e.Example.Kind == RavelExampleKind.Cause).ToArray())
                .Select(own => 100.0 * own.Count(e => e.Right) / own.Length),
        ];

        RavelScore[] scores = Score(log, RavelDialect.HyperDas);

        Assert.Equal(cause, scores[..^1].Select(score => score.Cause));
        Assert.Equal(cause.Select(c => c).Average(), scores[^1].Cause);
    }

    [Fact]
    public void Intervals_hold_the_score_and_come_out_the_same_again()
    {
        RavelScore[] once = Score(s_log, RavelDialect.Ravel, samples: 500), again = Score(s_log, RavelDialect.Ravel, samples: 500);

        Assert.Equal(once, again);
        Assert.All(once, score => Assert.InRange(score.Cause, score.CauseInterval!.Value.Low, score.CauseInterval.Value.High));
        Assert.All(
            once, score => Assert.InRange(score.Disentangle, score.DisentangleInterval!.Value.Low, score.DisentangleInterval.Value.High));
    }

    [Fact]
    public void Certain_answers_have_an_interval_of_one_point_and_missing_ones_none()
    {
        RavelScore score = Score([(Cause("a", "A"), true), (Cause("a", "B"), true)], RavelDialect.HyperDas, samples: 100)[0];

        Assert.Equal(new ScoreInterval(100, 100), score.CauseInterval);
        Assert.Null(score.IsolateInterval);
        Assert.Null(score.DisentangleInterval);
    }

    [Fact]
    public void Examples_of_one_entity_do_not_make_a_score_more_certain()
    {
        (RavelExample, bool)[] independent = [.. Enumerable.Range(0, 400).Select(i => (Cause("a", $"E{i}"), i % 2 == 0))];
        (RavelExample, bool)[] clustered = [.. Enumerable.Range(0, 400).Select(i => (Cause("a", $"E{i % 10}"), i % 2 == 0))];

        // 400 coins: about ±4.9 points; 10 coins: about ±31.
        Assert.InRange(Width(independent), 8, 12);
        Assert.InRange(Width(clustered), 40, 80);
    }

    private static double Width((RavelExample, bool)[] log)
    {
        ScoreInterval interval = Score(log, RavelDialect.HyperDas, samples: 1000)[0].CauseInterval!.Value;
        return interval.High - interval.Low;
    }

    private static RavelScore[] Score(
        (RavelExample Example, bool Right)[] log, RavelDialect dialect, bool perTemplate = false, int samples = 0)
    {
        RavelExample[] examples = [.. log.Select(entry => entry.Example)];
        EntityBootstrap bootstrap = new(examples, samples, seed: 1);
        RavelScore blank = new()
        {
            Domain = "", Attribute = "", Method = "Toy", SelectionMode = SelectionMode.Soft, Cause = 0, Isolate = 0, CauseCount = 0,
                IsolateCount = 0, Dialect = dialect,
        };
        return
        [
            .. ScoreTable.Rows(examples, bootstrap.EntityOf, [.. log.Select(entry => entry.Right)], blank, perTemplate)
                .Select(bootstrap.Score)
        ];
    }

    private static RavelExample Cause(string template, string entity) =>
        Ravel.Examples.Of("x| is", "y") with { BaseTemplate = template, BaseEntity = entity };

    private static RavelExample Isolate(string asked, string template, string entity) =>
        Cause(template, entity) with { Kind = RavelExampleKind.Isolate, AskedAttribute = asked };
}
