using HyperDas.Engine.Interventions;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Interventions;

/// <summary>Two source tokens, three base tokens; the last row is "no intervention".</summary>
public sealed class TokenSelectionTests
{
    private static readonly float[,] s_weights =
    {
        { 0.6f, 0.5f, 0.1f },
        { 0.1f, 0.2f, 0.2f },
        { 0.3f, 0.3f, 0.7f },
    };

    [Fact]
    public void Soft_keeps_the_weights()
    {
        Assert.Equal(s_weights, Select(s_weights, SelectionMode.Soft));
    }

    [Fact]
    public void One_to_many_lets_a_source_token_serve_many_base_tokens()
    {
        Assert.Equal(new float[,] { { 1, 1, 0 }, { 0, 0, 0 }, { 0, 0, 1 } }, Select(s_weights, SelectionMode.OneToMany));
    }

    [Fact]
    public void One_to_one_gives_a_source_token_to_the_base_token_it_wants_most()
    {
        // The second source token bids for the second column (ties: the first), where 0.2 doesn't beat 0.3.
        Assert.Equal(new float[,] { { 1, 0, 0 }, { 0, 0, 0 }, { 0, 1, 1 } }, Select(s_weights, SelectionMode.OneToOne));
    }

    [Theory]
    [InlineData(0.11f, 1)]
    [InlineData(0.09f, 0)]
    public void One_to_one_needs_more_than_a_tenth_however_little_no_intervention_weighs(float bid, float chosen)
    {
        float[,] weights = { { bid }, { 0 }, { 0.05f } };

        Assert.Equal(new float[,] { { chosen }, { 0 }, { 1 - chosen } }, Select(weights, SelectionMode.OneToOne));
    }

    [Fact]
    public void Global_is_the_single_strongest_pair()
    {
        float[,] weights = { { 0.1f, 0.5f, 0.1f }, { 0.2f, 0.3f, 0.4f }, { 0.7f, 0.2f, 0.5f } };

        Assert.Equal(new float[,] { { 0, 1, 0 }, { 0, 0, 0 }, { 1, 0, 1 } }, Select(weights, SelectionMode.Global));
    }

    [Fact]
    public void Ground_truth_pairs_the_entities_whatever_the_weights_say()
    {
        Assert.Equal(new float[,] { { 0, 0, 0 }, { 0, 0, 1 }, { 1, 1, 0 } },
            Select(s_weights, SelectionMode.GroundTruth, sourceEntity: 1, baseEntity: 2));
    }

    [Theory]
    [InlineData(SelectionMode.OneToMany, new float[] { 1, 1, 0, 0, 0, 0 })]
    [InlineData(SelectionMode.OneToOne, new float[] { 1, 0, 0, 0, 0, 1 })]
    [InlineData(SelectionMode.Global, new float[] { 1, 0, 0, 0, 0, 1 })]
    public void Ties_go_to_the_lowest_index(SelectionMode mode, float[] expected)
    {
        float third = 1f / 3;
        float[,] weights = { { third, third }, { third, third }, { third, third } };

        Assert.Equal(expected, Select(weights, mode).Cast<float>());
    }

    [Theory]
    [InlineData(SelectionMode.OneToMany)]
    [InlineData(SelectionMode.OneToOne)]
    [InlineData(SelectionMode.Global)]
    public void Hard_selections_choose_one_row_in_every_column(SelectionMode mode)
    {
        using DisposeScope scope = NewDisposeScope();

        Tensor selected = Apply(RandomWeights(), mode);

        Assert.True(selected.eq(0).logical_or(selected.eq(1)).all().item<bool>());
        Assert.True(selected.sum([1L]).eq(1).all().item<bool>());
    }

    [Fact]
    public void One_to_one_uses_each_source_and_each_base_token_once_at_most()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = RandomWeights();

        Tensor pairs = Apply(weights, SelectionMode.OneToOne).narrow(1, 0, 6);

        Assert.True(pairs.sum([1L]).max().item<float>() <= 1, "a base token twice");
        Assert.True(pairs.sum([2L]).max().item<float>() <= 1, "a source token twice");
        Assert.True(pairs.sum().item<float>() > 50, "the examples should pair something");
        Assert.True(
            (weights.narrow(1, 0, 6) * pairs).sum([1L])[pairs.sum([1L]).eq(1)].min().item<float>() > 0.1f, "a pair below the threshold");
    }

    [Fact]
    public void Examples_are_selected_one_by_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = RandomWeights();

        Tensor together = Apply(weights, SelectionMode.OneToOne), alone = Apply(weights.narrow(0, 7, 1), SelectionMode.OneToOne);

        GoldenCase.AssertClose(alone, together.narrow(0, 7, 1), 0);
    }

    /// <summary>Forty examples of six source and five base tokens, peaky enough to pair some.</summary>
    private static Tensor RandomWeights()
    {
        using Generator random = new(11, CPU);
        return (randn([40, 7, 5], generator: random) * 2).softmax(1);
    }

    private static Tensor Apply(Tensor weights, SelectionMode mode) =>
        TokenSelection.Apply(weights, mode, zeros(weights.shape[0], ScalarType.Int64), zeros(weights.shape[0], ScalarType.Int64));

    private static float[,] Select(float[,] weights, SelectionMode mode, long sourceEntity = 0, long baseEntity = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor selected = TokenSelection.Apply(
            tensor(weights).unsqueeze(0), mode, tensor(new[] { sourceEntity }), tensor(new[] { baseEntity }))[0];
        float[,] result = new float[weights.GetLength(0), weights.GetLength(1)];
        Buffer.BlockCopy(selected.contiguous().data<float>().ToArray(), 0, result, 0, result.Length * sizeof(float));
        return result;
    }
}
