using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.Groups;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training.Groups;

public sealed class GroupWeightsTests
{
    private static readonly TokenizedExample s_country = Example("Country", isCause: true), s_language = Example("Language", isCause: true),
        s_keptCountry = Example("Country", isCause: false), s_keptLanguage = Example("Language", isCause: false),
        s_absent = s_keptCountry with { IsAbsent = true };

    private static readonly TokenizedExample[] s_all = [s_country, s_language, s_keptCountry, s_keptLanguage, s_absent];

    [Fact]
    public void Examples_of_the_group_with_the_higher_loss_weigh_more_and_the_mean_stays_1()
    {
        GroupWeights weights = new(s_all, exponent: 1, GroupSignal.TrainingLoss);
        Assert.All(s_all, example => Assert.Equal(1, weights.Of(example)));

        Learn(weights, 40, country: 3, language: 1);

        Assert.True(weights.Of(s_country) > 1.3 && weights.Of(s_language) < 0.7);
        Assert.Equal(2, weights.Of(s_country) + weights.Of(s_language), 9);
        Assert.Equal(weights.Of(s_country), weights.Weigh(s_all)[0].Weight);
        // What must stay lost nothing, and is weighed apart.
        Assert.All((TokenizedExample[])[s_keptCountry, s_keptLanguage, s_absent], example => Assert.Equal(1, weights.Of(example)));
    }

    [Fact]
    public void Weights_follow_when_another_group_fails()
    {
        GroupWeights weights = new(s_all, exponent: 1, GroupSignal.TrainingLoss);

        Learn(weights, 200, country: 3, language: 1);
        Learn(weights, 400, country: 0.5f, language: 4);

        Assert.True(weights.Of(s_language) > 1.5 && weights.Of(s_country) < 0.5);
    }

    [Fact]
    public void A_higher_power_weighs_more_and_no_weight_runs_away()
    {
        GroupWeights one = new(s_all, exponent: 1, GroupSignal.TrainingLoss), four = new(s_all, exponent: 4, GroupSignal.TrainingLoss);

        Learn(one, 1000, country: 10, language: 0.001f);
        Learn(four, 1000, country: 10, language: 0.001f);

        Assert.True(four.Of(s_language) < one.Of(s_language));
        Assert.InRange(four.Of(s_country) / four.Of(s_language), 1, GroupWeights.Most * GroupWeights.Most);
    }

    [Fact]
    public void An_answer_of_several_tokens_fails_by_their_sum()
    {
        TokenizedExample two = s_language with { BaseIds = [1, 2, 3, 4], PromptLength = 2 };
        GroupWeights weights = new([s_country, two], exponent: 1, GroupSignal.TrainingLoss);

        for (int i = 0; i < 50; i++)
        {
            weights.Learn([two, s_country], [1, 1, 1.5f]);
        }

        Assert.True(weights.Of(two) > 1 && weights.Of(s_country) < 1);
    }

    [Fact]
    public void What_is_not_there_is_a_group_of_its_domain_even_where_the_first_rows_have_none()
    {
        GroupWeights weights = new([s_country, s_keptCountry], exponent: 1, GroupSignal.TrainingLoss);

        for (int i = 0; i < 50; i++)
        {
            weights.Learn([s_keptCountry, s_absent], [0.1f, 2]);
        }

        Assert.True(weights.Of(s_absent) > 1.5);
        TrainingWeights told = weights.Told(step: 25, total: 90)!;
        Assert.Equal(("town absent", "town Country isolate"), (told.Heaviest, told.Lightest));
        Assert.Null(weights.Told(step: 26, total: 90));
        Assert.NotNull(weights.Told(step: 90, total: 90));
    }

    [Fact]
    public void By_validation_only_looks_count_and_earlier_ones_fade()
    {
        GroupWeights weights = new(s_all, exponent: 1, GroupSignal.ValidationError);
        Learn(weights, 50, country: 3, language: 1);
        Assert.All(s_all, example => Assert.Equal(1, weights.Of(example)));

        Look(country: 40, language: 10);
        double first = weights.Of(s_country);
        Look(country: 10, language: 40);

        Assert.True(first > 1.4);
        Assert.True(weights.Of(s_language) > weights.Of(s_country));
        Assert.True(weights.Of(s_absent) > weights.Of(s_keptCountry));

        // All of 50 are looked at; of what isn't there 10 changed.
        void Look(int country, int language) => weights.Look(
        [
            .. Rows(s_country, country), .. Rows(s_language, language), .. Rows(s_keptCountry, 0), .. Rows(s_keptLanguage, 0),
            .. Rows(s_absent, 10), .. Rows(Example("Unheard of", isCause: true), 50),
        ]);

        static IEnumerable<(TokenizedExample, bool)> Rows(TokenizedExample example, int wrong) =>
            Enumerable.Range(0, 50).Select(i => (example, i >= wrong));
    }

    [Fact]
    public void By_training_loss_looks_do_not_count()
    {
        GroupWeights weights = new(s_all, exponent: 1, GroupSignal.TrainingLoss);
        Learn(weights, 50, country: 1, language: 1);

        weights.Look([(s_country, false), (s_language, true)]);

        Assert.Equal(1, weights.Of(s_country), 9);
    }

    [Fact]
    public void What_a_state_holds_gives_the_same_weights_again()
    {
        GroupWeights weights = new(s_all, exponent: 1.5, GroupSignal.ValidationError), again = new(
            s_all, exponent: 1.5, GroupSignal.ValidationError);
        Learn(weights, 3, country: 1, language: 1);
        weights.Look([(s_country, false), (s_country, true), (s_language, true), (s_keptCountry, false), (s_absent, true)]);
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> state = weights.Tensors().ToDictionary();

        again.Restore((name, shape) => state[name].view(shape));

        Assert.True(weights.Of(s_country) > weights.Of(s_language));
        Assert.All(s_all, example => Assert.Equal(weights.Of(example), again.Of(example)));
    }

    private static void Learn(GroupWeights weights, int steps, float country, float language)
    {
        for (int i = 0; i < steps; i++)
        {
            weights.Learn(s_all, [country, language, 0, 0, 0]);
        }
    }

    private static TokenizedExample Example(string attribute, bool isCause) => new()
    {
        BaseIds = [1, 2, 3], PromptLength = 2, BaseVisible = 2, BaseEntityIndex = 1, SourceIds = [1, 2], SourceVisible = 2,
        SourceEntityIndex = 1, InstructionIds = [1], IsCause = isCause, Concept = new ConceptKey("town", attribute),
    };
}
