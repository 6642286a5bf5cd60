using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods.HyperDas;

/// <summary>What the pair score can and can't express (docs/methods.md#selection-score).</summary>
public sealed class SelectionHeadTests : IDisposable
{
    private const int Sources = 5, Columns = 4, Width = 16;
    private static readonly HypernetworkShape s_shape = new(Width, 4, 2, 4, 24, 50, 1e-5, 10000, null, 3);
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Without_rotary_positions_the_additive_score_chooses_the_same_sources_for_every_base_token()
    {
        Tensor choice = SourceChoice(SelectionScore.Additive);

        Assert.True(choice.allclose(choice.narrow(2, 0, 1).expand_as(choice), atol: 1e-6));
    }

    [Fact]
    public void The_bilinear_score_lets_the_source_choice_depend_on_the_base_token()
    {
        Tensor choice = SourceChoice(SelectionScore.Bilinear);

        Assert.True((choice - choice.narrow(2, 0, 1)).abs().max().item<float>() > 1e-3);
    }

    [Theory]
    [InlineData(SelectionScore.Additive)]
    [InlineData(SelectionScore.Bilinear)]
    public void Hidden_tokens_are_never_chosen_and_columns_sum_to_one(SelectionScore score)
    {
        Tensor weights = Weights(score, visibleSources: 3, visibleColumns: 2);

        Assert.True(weights.sum([1L]).allclose(ones(1, Columns)));
        Assert.Equal(0, weights.narrow(1, 3, Sources - 3).abs().sum().item<float>());
        Assert.True(weights[0][Sources].narrow(0, 2, Columns - 2).allclose(ones(Columns - 2)));
    }

    [Theory]
    [InlineData(5, 4)]
    [InlineData(3, 2)]
    [InlineData(1, 1)]
    public void The_end_bias_finds_the_last_visible_pair_however_long_the_prompts_are(int visibleSources, int visibleColumns)
    {
        Tensor weights = Weights(SelectionScore.Additive, visibleSources, visibleColumns, lastTokens: 1);

        Assert.True(weights[0][visibleSources - 1][visibleColumns - 1].item<float>() > 0.99);
    }

    [Fact]
    public void An_untrained_end_bias_changes_nothing()
    {
        Tensor without = Weights(SelectionScore.Additive, Sources, Columns);

        Assert.True(Weights(SelectionScore.Additive, Sources, Columns, lastTokens: 0).allclose(without));
    }

    /// <summary>Weights over source tokens given that one is chosen, <c>[1, source, base]</c>.</summary>
    private Tensor SourceChoice(SelectionScore score)
    {
        Tensor sources = Weights(score, Sources, Columns).narrow(1, 0, Sources);
        return sources / sources.sum([1L], keepdim: true);
    }

    // lastTokens: what an end bias has learned for the last tokens; null for a head without one.
    private Tensor Weights(SelectionScore score, int visibleSources, int visibleColumns, float? lastTokens = null)
    {
        using Generator generator = new(7, CPU);
        using ParameterStore store = new(CPU);
        SelectionHead head = new(store, s_shape, score, lastTokens is not null, generator);
        using (no_grad())
        {
            // Starting values are small; a trained head's aren't.
            foreach (TrainableTensor parameter in store.Parameters)
            {
                parameter.Value.mul_(10);
                if (parameter.Value.shape[0] == 2)
                {
                    parameter.Value.narrow(1, 0, 1).fill_(lastTokens!.Value);
                }
            }
            return head.Forward(
                randn([1, Width], generator: generator), tensor(new[] { 6L }), Stack(Sources, visibleSources, generator),
                Stack(Columns, visibleColumns, generator),
                layer: 1, selfOffset: null, inverseFrequencies: zeros(2), sourceFirst: false);
        }
    }

    private static TokenStack Stack(int tokens, int visible, Generator generator)
    {
        Tensor vectors = randn([1, tokens, 1, Width], generator: generator);
        Tensor unit = vectors / vectors.norm(-1, keepdim: true);
        return new TokenStack(unit, arange(tokens, ScalarType.Int64).unsqueeze(0) < visible, tensor(new[] { (long)visible }));
    }
}
