using HyperDas.Engine.Evaluation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Tests.Reference;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Evaluation;

public sealed class LabelAnswersTests : IDisposable
{
    private static readonly SelectionMode[] s_modes = Enum.GetValues<SelectionMode>();
    private readonly LanguageModel _target = TinyLlama.Create();
    private readonly HyperDasInterpreter _interpreter;
    private readonly ReferenceInterpreter _nothing;

    public LabelAnswersTests()
    {
        _interpreter = TinyInterpreter.Create(_target);
        _nothing = new ReferenceInterpreter(_target, layer: 2, ReferenceMethod.NoIntervention);
    }

    [Fact]
    public void Several_modes_from_one_proposal_are_those_of_one_by_one()
    {
        TokenizedExample[] examples = Answered(40, tokens: 1);

        IReadOnlyDictionary<SelectionMode, bool[]> together = RavelScorer.Answers(_interpreter, examples, s_modes);

        Assert.Equal(s_modes, together.Keys);
        Assert.All(s_modes, mode => Assert.Equal(RavelScorer.Answers(_interpreter, examples, [mode])[mode], together[mode]));
        Assert.All(s_modes, mode => Assert.Contains(true, together[mode]));
        Assert.All(s_modes, mode => Assert.Contains(false, together[mode]));
        Assert.True(together.Values.Distinct(Comparer.Instance).Count() > 2, "modes should differ, or the test shows little");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Answers_depend_neither_on_the_batch_size_nor_on_the_order(int batchSize)
    {
        TokenizedExample[] examples = Answered(30, tokens: 1);
        bool[] expected = RavelScorer.Answers(_interpreter, examples, [SelectionMode.Soft])[SelectionMode.Soft];

        bool[] reversed = RavelScorer.Answers(
            _interpreter, [.. examples.Reverse()], [SelectionMode.Soft], batchSize: batchSize)[SelectionMode.Soft];

        Assert.Equal(expected, reversed.Reverse());
    }

    [Fact]
    public void Doing_nothing_answers_what_the_target_answers()
    {
        TokenizedExample[] examples = Answered(12, tokens: 5);

        Assert.All(Nothing(examples), Assert.True);
        Assert.All(Nothing([.. examples.Select(e => Mistake(e, 0))]), Assert.False);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void The_first_three_label_tokens_count(int mistake, bool right)
    {
        TokenizedExample[] examples = [.. Answered(6, tokens: 5).Select(e => Mistake(e, mistake))];

        Assert.All(Nothing(examples), answer => Assert.Equal(right, answer));
        Assert.All(Nothing(examples, labelTokens: null), Assert.False);
        Assert.All(Nothing(examples, labelTokens: mistake + 1), Assert.False);
        if (mistake > 0)
        {
            Assert.All(Nothing(examples, labelTokens: mistake), Assert.True);
        }
    }

    [Fact]
    public void An_example_without_label_tokens_is_wrong()
    {
        TokenizedExample[] examples = Answered(6, tokens: 2);
        examples[2] = WithoutLabel(examples[2]);

        Assert.Equal([true, true, false, true, true, true], Nothing(examples));
        Assert.Equal([false], Nothing([examples[2]]));
    }

    [Fact]
    public void No_example_has_no_answer()
    {
        Assert.Empty(Nothing([]));
    }

    [Fact]
    public void Scores_count_cause_and_isolate_of_each_attribute_and_average_over_attributes()
    {
        RavelExample cause = Examples.Of("Vienna| is in", "A"), isolate = Examples.Of("Vienna| is in", "B", kind: RavelExampleKind.Isolate);
        RavelExample[] examples = [cause, cause, cause, cause, isolate, isolate, cause with { Attribute = "Language" }];

        RavelScore blank = new()
        {
            Domain = RavelScore.All, Attribute = RavelScore.All, Method = "A", SelectionMode = SelectionMode.Global,
            Cause = double.NaN, Isolate = double.NaN, CauseCount = 0, IsolateCount = 0, Layer = 1, FeatureDimension = 1,
        };
        EntityBootstrap none = new(examples, samples: 0, seed: 0);

        RavelScore[] scores =
        [
            .. ScoreTable.Rows(examples, none.EntityOf, [true, false, false, false, true, false, true], blank, perTemplate: false)
                .Select(none.Score),
        ];

        Assert.Equal(["Country", "Language", RavelScore.All], scores.Select(s => s.Attribute));
        Assert.Equal((25, 50, 4, 2), Figures(scores[0]));
        Assert.Equal((100, double.NaN, 1, 0), Figures(scores[1]));
        Assert.Equal((62.5, 50, 5, 2), Figures(scores[2]));
        Assert.All(scores, s => Assert.Equal(SelectionMode.Global, s.SelectionMode));
        Assert.All(scores, s => Assert.Equal("A", s.Method));

        static (double, double, int, int) Figures(RavelScore s) => (s.Cause, s.Isolate, s.CauseCount, s.IsolateCount);
    }

    [Fact]
    public void A_dataset_is_scored_split_by_split_and_mode_by_mode()
    {
        using LanguageModel target = TinyLlama.CreateWithTokenizer();
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(target);
        SeenProgress reports = new();

        IReadOnlyList<RavelScore> scores = RavelScorer.Score(
            interpreter, TinyDataset.Create(), RavelSplit.Test,
            [SelectionMode.OneToOne, SelectionMode.Soft, SelectionMode.OneToOne], reports);

        Assert.Equal(
            [SelectionMode.OneToOne, SelectionMode.OneToOne, SelectionMode.Soft, SelectionMode.Soft], scores.Select(s => s.SelectionMode));
        Assert.Equal(["Country", RavelScore.All, "Country", RavelScore.All], scores.Select(s => s.Attribute));
        Assert.All(scores, s => Assert.Equal((6, 6), (s.CauseCount, s.IsolateCount)));
        Assert.Equal((12, 12), (reports.Seen[^1].Completed, reports.Seen[^1].Total));
    }

    [Fact]
    public void A_split_without_examples_is_refused_by_name()
    {
        using LanguageModel target = TinyLlama.CreateWithTokenizer();
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(target);

        HyperDasException error = Assert.Throws<HyperDasException>(() =>
            RavelScorer.Score(interpreter, TinyDataset.Create() with { Val = [] }, RavelSplit.Val, [SelectionMode.Soft]));

        Assert.Equal("DatasetEmpty", error.ErrorId);
        Assert.Contains("Val", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scoring_can_be_cancelled_and_keeps_no_tensor()
    {
        TokenizedExample[] examples = Answered(8, tokens: 1);
        long before = LiveTensors.Settle();

        Assert.Throws<OperationCanceledException>(() =>
            RavelScorer.Answers(_interpreter, examples, s_modes, cancellation: new CancellationToken(canceled: true)));
        RavelScorer.Answers(_interpreter, examples, s_modes, batchSize: 3);

        Assert.Equal(before, Tensor.TotalCount);
    }

    public void Dispose()
    {
        _nothing.Dispose();
        _interpreter.Dispose();
        _target.Dispose();
    }

    private bool[] Nothing(TokenizedExample[] examples, int? labelTokens = RavelScorer.DefaultLabelTokens) =>
        RavelScorer.Answers(_nothing, examples, [SelectionMode.Soft], labelTokens: labelTokens)[SelectionMode.Soft];

    /// <summary>Examples whose labels are the target's own continuations.</summary>
    private TokenizedExample[] Answered(int count, int tokens)
    {
        TokenizedExample[] prompts = [.. RandomExamples.Create(count).Select(WithoutLabel)];
        IReadOnlyList<int[]> labels = TextGenerator.Generate(
            _target, [.. prompts.Select(e => e.BaseIds)], new GenerationOptions { MaxNewTokens = tokens, StopAtEos = false });
        return [.. prompts.Zip(labels, (prompt, label) => prompt with { BaseIds = [.. prompt.BaseIds, .. label] })];
    }

    private static TokenizedExample WithoutLabel(TokenizedExample example) =>
        example with { BaseIds = example.BaseIds[..example.PromptLength] };

    private static TokenizedExample Mistake(TokenizedExample example, int labelToken)
    {
        int[] ids = [.. example.BaseIds];
        ids[example.PromptLength + labelToken] = (ids[example.PromptLength + labelToken] + 1) % 50;
        return example with { BaseIds = ids };
    }

    private sealed class Comparer : IEqualityComparer<bool[]>
    {
        internal static readonly Comparer Instance = new();

        public bool Equals(bool[]? x, bool[]? y) => x!.SequenceEqual(y!);

        public int GetHashCode(bool[] answers) => answers.Count(a => a);
    }
}
