using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training;

/// <summary>Hand-made examples of the losses (docs/methods.md#losses).</summary>
public sealed class LossesTests
{
    [Theory]
    [InlineData(SparsityCharge.WholeMass, 3.2)]
    [InlineData(SparsityCharge.Excess, 1.2)]
    public void Source_tokens_are_charged_for_what_they_give_to_more_than_one_base_token(SparsityCharge charge, double expected)
    {
        using DisposeScope scope = NewDisposeScope();
        // Rows sum to 0.9, 1.2 and 2; the last row is "no intervention" and costs nothing.
        Tensor weights = tensor(new float[,,] { { { 0.4f, 0.5f }, { 0.6f, 0.6f }, { 1f, 1f }, { 5f, 5f } } });

        Assert.Equal(expected, Losses.Sparsity(weights, charge).item<float>(), 5);
    }

    [Fact]
    public void The_excess_has_no_jump_where_the_whole_mass_has_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor justAbove = tensor(new float[,,] { { { 0.5f, 0.5001f }, { 0, 0 } } });

        Assert.Equal(1.0001, Losses.Sparsity(justAbove, SparsityCharge.WholeMass).item<float>(), 4);
        Assert.Equal(0.0001, Losses.Sparsity(justAbove, SparsityCharge.Excess).item<float>(), 4);
    }

    [Fact]
    public void The_prediction_loss_divides_by_label_tokens_not_by_weights()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = zeros(5, 4);
        Tensor weights = tensor([3.5f, 3.5f, 0.5f, 0.5f, 0.5f]);

        double loss = Losses.Prediction(logits, tensor(new long[] { 0, 1, 2, 3, 0 }), weights).item<float>();

        Assert.Equal(Math.Log(4) * 8.5 / 5, loss, 5);
    }
}
