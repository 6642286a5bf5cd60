using HyperDas.Engine.Evaluation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Evaluation;

public sealed class RavelScorerTests : IDisposable
{
    private readonly LanguageModel _model = LetterModel.Create();

    [Fact]
    public void All_dialects_and_modes_come_from_one_pass_in_the_order_asked_for()
    {
        using ReferenceInterpreter nothing = new(_model, 1, ReferenceMethod.NoIntervention);
        RavelScoringOptions options = new()
        {
            Dialects = [RavelDialect.Ravel, RavelDialect.HyperDas, RavelDialect.Mib, RavelDialect.SaeBench],
            Modes = [SelectionMode.Soft, SelectionMode.OneToOne],
            BootstrapSamples = 20,
        };

        IReadOnlyList<RavelScore> scores = RavelScorer.Score(nothing, Dataset(), RavelSplit.Test, options);

        Assert.Equal(4 * 2 * 2, scores.Count);
        Assert.Equal(options.Dialects, scores.Select(score => score.Dialect).Distinct());
        Assert.All(scores, score => Assert.Equal((2, 2), (score.CauseCount, score.IsolateCount)));
        Assert.All(scores, score => Assert.NotNull(score.DisentangleInterval));
        Assert.Equal([SelectionMode.Soft, SelectionMode.Soft, SelectionMode.OneToOne, SelectionMode.OneToOne],
            scores.Take(4).Select(score => score.SelectionMode));
    }

    [Fact]
    public void Doing_nothing_keeps_the_answers_in_both_protocols()
    {
        using ReferenceInterpreter nothing = new(_model, 1, ReferenceMethod.NoIntervention);
        RavelScoringOptions options = new() { Dialects = [RavelDialect.HyperDas, RavelDialect.Ravel], BootstrapSamples = 0 };

        IReadOnlyList<RavelScore> scores = RavelScorer.Score(nothing, Dataset(), RavelSplit.Test, options);

        Assert.All(scores, score => Assert.Equal((0.0, 100.0), (score.Cause, score.Isolate)));
        Assert.All(scores, score => Assert.Null(score.CauseInterval));
    }

    [Fact]
    public void Examples_are_scored_up_to_the_length_that_their_dataset_allows()
    {
        using ReferenceInterpreter nothing = new(_model, 1, ReferenceMethod.NoIntervention);
        RavelDataset dataset = Dataset();
        dataset = dataset with { Test = [.. dataset.Test, Example(new string('x', 90) + "| is in", "~~", RavelExampleKind.Cause)] };

        Assert.Equal((2, 3), (Count(dataset), Count(dataset with { MaxTokens = 200 })));

        int Count(RavelDataset scored) => RavelScorer.Score(nothing, scored, RavelSplit.Test, [SelectionMode.Soft])[0].CauseCount;
    }

    [Fact]
    public void A_split_that_was_tokenised_before_is_scored_alike_at_every_layer()
    {
        RavelDataset dataset = Dataset();
        RavelExample last = dataset.Test[^1];
        dataset = dataset with
        {
            Test =
            [
                .. dataset.Test, last with { SourceSuffix = new string('x', 90) }, last with { Wording = RavelWording.Unseen },
            ],
        };
        RavelScoringOptions options = new() { BootstrapSamples = 0 };

        TokenizedSplit examples = RavelScorer.Tokenize(_model, dataset, RavelSplit.Test);

        // Corners read no words, so that other words of the same rows aren't scored, and aren't left out either.
        Assert.Equal("1 example is longer than 64 tokens; 4 of 5 are used.", examples.Rows.Remark);
        foreach (int layer in new[] { 0, 1 })
        {
            using ReferenceInterpreter swap = new(_model, layer, ReferenceMethod.FullSwap);
            Assert.Equal(
                RavelScorer.Score(swap, dataset, RavelSplit.Test, options),
                RavelScorer.Score(_model, layer, ReferenceMethod.FullSwap, examples, options));
        }
    }

    [Fact]
    public void Scores_of_one_dialect_do_not_depend_on_which_others_are_asked_for()
    {
        using ReferenceInterpreter swap = new(_model, 1, ReferenceMethod.FullSwap);
        RavelScoringOptions all = new() { Dialects = Enum.GetValues<RavelDialect>() };

        IReadOnlyList<RavelScore> together = RavelScorer.Score(swap, Dataset(), RavelSplit.Test, all);

        foreach (RavelDialect dialect in all.Dialects)
        {
            Assert.Equal(RavelScorer.Score(swap, Dataset(), RavelSplit.Test, all with { Dialects = [dialect] }),
                together.Where(score => score.Dialect == dialect));
        }
    }

    [Fact]
    public void A_split_without_examples_is_refused()
    {
        using ReferenceInterpreter nothing = new(_model, 1, ReferenceMethod.NoIntervention);

        Assert.Equal("DatasetEmpty", Assert.Throws<HyperDasException>(() => RavelScorer.Score(
            nothing, Dataset(), RavelSplit.Val, new RavelScoringOptions())).ErrorId);
    }

    [Theory]
    [InlineData(0, 1, 10)]
    [InlineData(1, 0, 10)]
    [InlineData(1, 1, -1)]
    public void Impossible_options_are_refused(int modes, int dialects, int samples)
    {
        using ReferenceInterpreter nothing = new(_model, 1, ReferenceMethod.NoIntervention);
        RavelScoringOptions options = new()
        {
            Modes = [.. Enumerable.Repeat(SelectionMode.Soft, modes)], Dialects =
                [.. Enumerable.Repeat(RavelDialect.HyperDas, dialects)], BootstrapSamples = samples,
        };

        Assert.Equal("ScoringOptionInvalid", Assert.Throws<HyperDasException>(() => RavelScorer.Score(
            nothing, Dataset(), RavelSplit.Test, options)).ErrorId);
    }

    [Fact]
    public void A_score_file_has_dialect_counts_and_intervals()
    {
        using TemporaryFolder folder = new();
        using ReferenceInterpreter nothing = new(_model, 1, ReferenceMethod.NoIntervention);
        string path = Path.Combine(folder.Path, "scores.json");

        RavelScoreFile.Write(RavelScorer.Score(nothing, Dataset(), RavelSplit.Test, new RavelScoringOptions()), path);

        string json = File.ReadAllText(path);
        Assert.Contains("\"dialect\": \"hyperDas\"", json);
        Assert.Contains("\"causeCount\": 2", json);
        Assert.Contains("\"low\":", json);
    }

    public void Dispose() => _model.Dispose();

    /// <summary>Isolate labels are what the model says, cause labels what it doesn't say.</summary>
    private RavelDataset Dataset()
    {
        RavelExample[] examples = [.. ((string[])["Vienna| is in", "Graz| speaks the"]).SelectMany(prompt => (RavelExample[])
        [
            Example(prompt, "~~", RavelExampleKind.Cause), Example(prompt, Says(prompt.Replace("|", "")), RavelExampleKind.Isolate),
        ])];
        return new RavelDataset("toy", ["city"], ["Country"], [], [], examples, 1, new RavelBuildCounts(0, 0, 0, 0));
    }

    private static RavelExample Example(string prompt, string label, RavelExampleKind kind) =>
        Examples.Of(prompt, label, kind: kind) with { BaseEntity = prompt.Split('|')[0], ValuesAreVerbatim = true };

    private string Says(string prompt) => _model.Tokenizer.Decode(TextGenerator.Generate(
        _model, [[_model.Tokenizer.BosId, .. _model.Tokenizer.Encode(prompt)]], new GenerationOptions { MaxNewTokens = 3 })[0]);
}
