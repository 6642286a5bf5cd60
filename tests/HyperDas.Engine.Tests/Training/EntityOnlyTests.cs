using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Reference;
using HyperDas.Engine.Tests.Methods.Fixed;
using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training;

/// <summary>Examples of which the interpreter sees nothing but the base's entity.</summary>
public sealed class EntityOnlyTests
{
    [Fact]
    public void A_share_of_zero_hides_nothing_and_of_one_everything()
    {
        IReadOnlyList<TokenizedExample> examples = RandomExamples.Create(6, vocabulary: 256);

        Assert.Same(examples, EntityOnly.Show(examples, share: 0, seed: 1, step: 0));
        Assert.All(EntityOnly.Show(examples, share: 1, seed: 1, step: 0), e => Assert.True(e.BaseEntityOnly));
    }

    [Fact]
    public void The_draw_depends_on_seed_and_step_alone()
    {
        TokenizedExample[] examples = [.. Enumerable.Range(0, 50).SelectMany(_ => RandomExamples.Create(8, vocabulary: 256))];

        int[] drawn = Drawn(seed: 3, step: 7);

        Assert.InRange(drawn.Length, 60, 140);
        Assert.Equal(drawn, Drawn(seed: 3, step: 7));
        Assert.NotEqual(drawn, Drawn(seed: 4, step: 7));
        Assert.NotEqual(drawn, Drawn(seed: 3, step: 8));

        int[] Drawn(long seed, int step) =>
            [.. EntityOnly.Show(examples, share: 0.25, seed, step).Select((e, i) => (e, i))
                .Where(x => x.e.BaseEntityOnly).Select(x => x.i)];
    }

    [Fact]
    public void All_base_states_but_the_entitys_last_are_zero_and_the_edited_states_stay()
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel target = FixedExamples.Target();
        using ActivationCache cache = new(target, FixedExamples.Layer, StackDepth.AllLayers);
        IReadOnlyList<TokenizedExample> examples = RandomExamples.Create(3, vocabulary: 256);
        InterchangeBatchBuilder builder = new(target, cache, FixedExamples.Layer);

        InterchangeBatch seen = builder.Build(examples),
            hidden = builder.Build([examples[0], examples[1] with { BaseEntityOnly = true }, examples[2]]);

        int entity = examples[1].BaseEntityIndex;
        Assert.True(entity > 0);
        Assert.Equal(0, hidden.Base.Unit[1].narrow(0, 0, entity).abs().sum().item<float>());
        Assert.True(hidden.Base.Unit[1][entity].allclose(seen.Base.Unit[1][entity], 0, 0));
        Assert.True(hidden.Base.Unit[0].allclose(seen.Base.Unit[0], 0, 0));
        Assert.True(hidden.Base.Visible.allclose(seen.Base.Visible, 0, 0));
        Assert.True(hidden.BaseHidden.allclose(seen.BaseHidden, 0, 0));
        Assert.True(hidden.Source.Unit.allclose(seen.Source.Unit, 0, 0));
    }
}
