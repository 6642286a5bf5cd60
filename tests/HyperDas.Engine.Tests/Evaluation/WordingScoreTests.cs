using HyperDas.Engine.Evaluation;
using Xunit;

namespace HyperDas.Engine.Tests.Evaluation;

public sealed class WordingScoreTests
{
    [Fact]
    public void Wordings_are_never_mixed_and_come_trained_first()
    {
        RavelScore[] scores = Score(
            [(Of(RavelWording.Absent), true), (Of(RavelWording.Unseen), false), (Of(RavelWording.Trained), true),
                (Of(RavelWording.Unseen), true)]);

        Assert.Equal(
            [(RavelWording.Trained, 100.0), (RavelWording.Unseen, 50.0), (RavelWording.Absent, 0.0)],
            scores.Where(s => s.Attribute == RavelScore.All).Select(s => (s.Wording, s.Cause)));
    }

    [Fact]
    public void About_what_is_not_there_cause_says_how_much_changed_and_doing_nothing_is_perfect()
    {
        (RavelExample, bool)[] kept = [(Of(RavelWording.Absent), true), (Of(RavelWording.Absent, RavelExampleKind.Isolate), true)];
        (RavelExample, bool)[] half =
            [.. kept, (Of(RavelWording.Absent), false), (Of(RavelWording.Absent, RavelExampleKind.Isolate), false)];

        RavelScore perfect = Score(kept)[^1], changed = Score(half, samples: 50)[^1];

        Assert.Equal((0.0, 100.0, 100.0), (perfect.Cause, perfect.Isolate, perfect.Disentangle));
        Assert.Equal((50.0, 50.0, 50.0), (changed.Cause, changed.Isolate, changed.Disentangle));
        Assert.InRange(50, changed.CauseInterval!.Value.Low, changed.CauseInterval.Value.High);
        Assert.InRange(50, changed.DisentangleInterval!.Value.Low, changed.DisentangleInterval.Value.High);
    }

    [Theory]
    [InlineData(RavelWording.Trained, "Country", 0)]
    [InlineData(RavelWording.Unseen, "Country", 0)]
    [InlineData(RavelWording.Absent, "Country", 100)]
    public void A_mean_names_the_attribute_with_the_worst_cause(RavelWording wording, string worst, double cause)
    {
        RavelScore[] scores = Score(
            [(Of(wording), false), (Of(wording) with { Attribute = "Language", AskedAttribute = "Language" }, true),
                (Of(wording, RavelExampleKind.Isolate), true)]);

        Assert.Equal((worst, cause), (scores[^1].WorstAttribute, scores[^1].WorstCause));
        Assert.All(scores[..^1], s => Assert.Null(s.WorstAttribute));
        Assert.Contains($"worst cause {cause:F1} ({worst})", scores[^1].ToString());
    }

    [Fact]
    public void The_mean_of_several_domains_says_which_domain_the_worst_attribute_is_of()
    {
        RavelScore[] scores = Score(
            [(Of(RavelWording.Trained), true), (Of(RavelWording.Trained) with { Domain = "verb", Attribute = "Singular" }, false)],
            RavelDialect.Ravel);

        Assert.Equal(("Singular of verb", 0.0), (scores[^1].WorstAttribute, scores[^1].WorstCause));
        Assert.Equal(("Country", 100.0), (scores[1].WorstAttribute, scores[1].WorstCause));
    }

    private static RavelScore[] Score(
        (RavelExample Example, bool Right)[] log, RavelDialect dialect = RavelDialect.HyperDas, int samples = 0)
    {
        RavelExample[] examples = [.. log.Select(l => l.Example)];
        EntityBootstrap bootstrap = new(examples, samples, seed: 1);
        RavelScore blank = new()
        {
            Domain = "", Attribute = "", Method = "test", SelectionMode = SelectionMode.Soft, Cause = 0, Isolate = 0, CauseCount = 0,
                IsolateCount = 0, Dialect = dialect,
        };
        return
        [
            .. ScoreTable.Rows(examples, bootstrap.EntityOf, [.. log.Select(l => l.Right)], blank, perTemplate: false)
                .Select(bootstrap.Score)
        ];
    }

    private static RavelExample Of(RavelWording wording, RavelExampleKind kind = RavelExampleKind.Cause) =>
        Ravel.Examples.Of("x| is", "y") with
        {
            Kind = kind, Attribute = "Country", AskedAttribute = kind == RavelExampleKind.Cause ? "Country" : "Language", Wording = wording
        };
}
