using HyperDas.Engine.Interventions;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training;

/// <summary>Examples that are shown beyond their entity, with an ending that says nothing about the question.</summary>
public sealed class WholePromptsTests
{
    [Fact]
    public void A_share_of_zero_shows_nothing_more()
    {
        Assert.Same(Two, WholePrompts.Show(Two, share: 0, seed: 1));
    }

    [Fact]
    public void The_base_gets_a_lent_ending_and_keeps_what_the_target_model_runs_on()
    {
        IReadOnlyList<TokenizedExample> shown = WholePrompts.Show(Two, share: 1, seed: 1);

        Assert.All(shown.Zip(Two), pair =>
        {
            (TokenizedExample whole, TokenizedExample own) = pair;
            Assert.Equal(own.BaseIds, whole.BaseIds);
            Assert.Equal(own.BaseIds[..(own.BaseEntityIndex + 1)], whole.BaseShown[..(own.BaseEntityIndex + 1)]);
            Assert.Contains(
                whole.BaseShown[(own.BaseEntityIndex + 1)..], Two.Select(e => e.BaseIds[(e.BaseEntityIndex + 1)..e.PromptLength]));
            Assert.Equal(own.SourceIds.Length, whole.SourceVisible);
        });
    }

    [Fact]
    public void The_share_holds_about_and_the_seed_decides_who()
    {
        TokenizedExample[] many = [.. Enumerable.Range(0, 400).Select(i => Two[i % 2])];

        int[] chosen = Chosen(seed: 3);

        Assert.InRange(chosen.Length, 60, 140);
        Assert.Equal(chosen, Chosen(seed: 3));
        Assert.NotEqual(chosen, Chosen(seed: 4));

        int[] Chosen(long seed) =>
            [.. WholePrompts.Show(many, share: 0.25, seed).Select((e, i) => (e, i))
                .Where(x => x.e.BaseDecoyIds is not null).Select(x => x.i)];
    }

    [Fact]
    public void What_is_chosen_on_a_lent_ending_has_no_effect()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = rand(2, 4, 5).softmax(1);
        Tensor editable = tensor(new[,] { { true, true, true, true, true }, { true, true, false, false, false } });

        Tensor kept = TokenSelection.Restrict(weights, editable);

        Assert.True(kept[0].allclose(weights[0]));
        Assert.True(kept[1].narrow(1, 0, 2).allclose(weights[1].narrow(1, 0, 2)));
        Assert.Equal(0, kept[1].narrow(1, 2, 3).narrow(0, 0, 3).abs().sum().item<float>());
        Assert.Equal(3, kept[1][3].narrow(0, 2, 3).sum().item<float>());
    }

    [Fact]
    public void A_lent_ending_may_be_longer_than_the_whole_base()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = rand(1, 3, 4), source = rand(1, 2, 4), weights = rand(1, 3, 6).softmax(1);

        Tensor edited = Interchange.Apply(hidden, source, weights, delta => delta.alias());

        Assert.True(edited.allclose(Interchange.Apply(hidden, source, weights.narrow(2, 0, 3), delta => delta.alias())));
    }

    private static readonly IReadOnlyList<TokenizedExample> Two =
    [
        new()
        {
            Concept = new ConceptKey("city", "Country"), BaseIds = [1, 10, 11, 12, 50], PromptLength = 4,
                BaseVisible = 3, BaseEntityIndex = 2,
            SourceIds = [1, 20, 21], SourceVisible = 2, SourceEntityIndex = 1, InstructionIds = [1, 7], IsCause = true,
        },
        new()
        {
            Concept = new ConceptKey("city", "Language"), BaseIds = [1, 13, 14, 15, 16, 17, 51, 52], PromptLength = 6,
                BaseVisible = 2, BaseEntityIndex = 1,
            SourceIds = [1, 22], SourceVisible = 2, SourceEntityIndex = 1, InstructionIds = [1, 8, 9], IsCause = false,
        },
    ];
}
