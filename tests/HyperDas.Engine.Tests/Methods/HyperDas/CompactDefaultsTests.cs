using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Training.Memory;
using Xunit;

namespace HyperDas.Engine.Tests.Methods.HyperDas;

/// <summary>
/// What a hypernetwork is when nobody says it: a copy of a small target's blocks, something compact beside a large target.
/// </summary>
public sealed class CompactDefaultsTests
{
    private static readonly HypernetworkOptions s_asked = new() { Layer = 15, FeatureDimension = 128 };

    // Llama-3-8B's shape.
    private static readonly ModelConfig s_large = TinyLlama.Config with
    {
        VocabularySize = 128256, HiddenSize = 4096, BlockCount = 32, HeadCount = 32, KeyValueHeadCount = 8,
            HeadWidth = 128, InnerWidth = 14336,
    };

    [Fact]
    public void A_small_target_changes_nothing()
    {
        TrainingOptions training = new();

        Assert.Same(s_asked, CompactDefaults.Settle(TinyLlama.Config, s_asked));
        Assert.Same(training, CompactDefaults.Settle(TinyLlama.Config, s_asked, training));
        Assert.Null(CompactDefaults.Remark(TinyLlama.Config, s_asked));
    }

    [Fact]
    public void A_large_target_has_a_hypernetwork_of_less_than_four_GiB()
    {
        HypernetworkOptions network = (HypernetworkOptions)CompactDefaults.Settle(s_large, s_asked);
        TrainingOptions training = CompactDefaults.Settle(s_large, s_asked, new TrainingOptions { KeepBest = false });
        double numbers = HypernetworkSize.Of(HypernetworkShape.Of(s_large, network), network).Total;

        Assert.Equal(MomentFormat.BFloat16, training.MomentFormat);
        Assert.True(training.Recompute);
        Assert.InRange(numbers, 1e8, 1.8e8);
        MemoryPrediction prediction = MemoryPredictor.Predict(
            s_large, WeightShapes.Count(s_large), new NumberFormat(ModelDtype.BFloat16, ModelDtype.Float32, "test", Automatic: false),
            network, 1000, 1000, 100,
            training, new StepShape(4, 32, 28, 28, 16, 2));
        Assert.InRange(prediction.Interpreter, 1L << 30, 2L << 30);
        Assert.InRange(prediction.Total, 15L << 30, 19L << 30);
        string remark = CompactDefaults.Remark(s_large, s_asked)!;
        Assert.Contains("AdapterRank 128, SubspaceInner 2048, SubspaceSpan 1024", remark, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16, 24, 1024)]
    [InlineData(200, 24, 1600)]
    [InlineData(16, 150, 1200)]
    [InlineData(512, 24, null)]
    [InlineData(int.MaxValue, 24, null)]
    public void A_span_leaves_the_subspaces_in_it_room(int dimension, int reflections, int? span)
    {
        HypernetworkOptions asked = s_asked with { FeatureDimension = dimension, Reflections = reflections };

        Assert.Equal(span, ((HypernetworkOptions)CompactDefaults.Settle(s_large, asked)).SubspaceSpan);
    }

    [Theory]
    [InlineData(SubspaceKind.Generated, 1024)]
    [InlineData(SubspaceKind.Mask, null)]
    [InlineData(SubspaceKind.None, null)]
    public void Only_what_makes_vectors_has_a_span(SubspaceKind kind, int? span)
    {
        HypernetworkOptions asked = s_asked with { Subspace = kind };

        HypernetworkOptions network = (HypernetworkOptions)CompactDefaults.Settle(s_large, asked);

        Assert.Equal(span, network.SubspaceSpan);
        Assert.Empty(OptionLaw.Faults(network));
        Assert.Equal(span is not null, CompactDefaults.Remark(s_large, asked)!.Contains("SubspaceSpan", StringComparison.Ordinal));
    }

    [Fact]
    public void A_large_target_whose_blocks_can_not_be_a_hypernetworks_has_one_of_its_own_width()
    {
        ModelConfig biased = s_large with { Block = new BlockSpec { QueryKeyValueBias = true } };

        HypernetworkOptions network = (HypernetworkOptions)CompactDefaults.Settle(biased, s_asked);

        Assert.Equal((null, 1024, 2048), (network.AdapterRank, network.HypernetworkWidth, network.SubspaceInner));
        Assert.InRange(HypernetworkSize.Of(HypernetworkShape.Of(biased, network), network).Total, 5e7, 3e8);
        Assert.Contains("HypernetworkWidth 1024", CompactDefaults.Remark(biased, s_asked), StringComparison.Ordinal);
    }

    public static TheoryData<HypernetworkOptions> Set =>
    [
        s_asked with { AdapterRank = 0 }, s_asked with { AdapterRank = 8 }, s_asked with { HypernetworkWidth = 512 },
        s_asked with { FromScratch = true }, s_asked.Faithful(),
    ];

    [Theory]
    [MemberData(nameof(Set))]
    public void Whoever_says_what_it_is_gets_that(HypernetworkOptions options)
    {
        Assert.Same(options, CompactDefaults.Settle(s_large, options));
        Assert.Equal(new TrainingOptions(), CompactDefaults.Settle(s_large, options, new TrainingOptions()));
        Assert.Null(CompactDefaults.Remark(s_large, options));
    }

    [Fact]
    public void Single_choices_are_kept_beside_the_compact_rest()
    {
        TrainingOptions chosen = new() { MomentFormat = MomentFormat.EightBit, Recompute = false };

        Assert.Equal(chosen, CompactDefaults.Settle(s_large, s_asked, chosen));
        Assert.Equal(77, ((HypernetworkOptions)CompactDefaults.Settle(s_large, s_asked with { SubspaceInner = 77 })).SubspaceInner);
        Assert.Equal(0, ((HypernetworkOptions)CompactDefaults.Settle(s_large, s_asked with { SubspaceSpan = 0 })).SubspaceSpan);
    }

    [Fact]
    public void What_is_not_compact_says_what_it_takes_and_what_compact_would()
    {
        HypernetworkOptions faithful = s_asked.Faithful();
        TrainingOptions training = new TrainingOptions().Faithful();

        string price = CompactDefaults.Price(s_large, faithful, training)!;

        double numbers = HypernetworkSize.Of(HypernetworkShape.Of(s_large, faithful), faithful).Total;
        string taken = FormattableString.Invariant($"{numbers * 16 / (1L << 30):N1} GiB");
        Assert.StartsWith($"Values, gradients and moments of this hypernetwork take {taken}", price, StringComparison.Ordinal);
        Assert.Contains("AdapterRank 128, SubspaceInner 2048, SubspaceSpan 1024", price, StringComparison.Ordinal);
        (HypernetworkOptions method, TrainingOptions instead) = CompactDefaults.Instead(s_large, faithful, training)!.Value;
        Assert.Equal((128, 1, StackDepth.AllLayers), (method.AdapterRank, method.Reflections, method.Reads));
        Assert.Equal((MomentFormat.BFloat16, true), (instead.MomentFormat, instead.Recompute));
        Assert.NotNull(CompactDefaults.Price(s_large, s_asked with { FromScratch = true }, training));
        Assert.Null(CompactDefaults.Price(s_large, s_asked, training));
        Assert.Null(CompactDefaults.Price(s_large, s_asked with { AdapterRank = 8 }, training));
        Assert.Null(CompactDefaults.Price(s_large, s_asked with { HypernetworkWidth = 512 }, training));
        Assert.Null(CompactDefaults.Price(TinyLlama.Config, faithful, training));
        Assert.Null(CompactDefaults.Price(s_large, new MdasOptions { Layer = 3 }, training));
    }

    [Fact]
    public void The_originals_needs_as_much_as_it_did()
    {
        HypernetworkOptions faithful = s_asked.Faithful();

        Assert.True(HypernetworkSize.Of(HypernetworkShape.Of(s_large, faithful), faithful).Total > 1.3e9);
    }
}
