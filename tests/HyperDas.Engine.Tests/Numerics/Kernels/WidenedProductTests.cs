using HyperDas.Engine.Numerics;
using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Numerics.Kernels;

public sealed class WidenedProductTests : IDisposable
{
    // Relative to the norm, for sums of up to 3,000 float32 products.
    private const double Tolerance = 1e-5;

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // The last two have more numbers than are widened at once, and a last piece that isn't full.
    [Theory]
    [InlineData(ScalarType.BFloat16, 1, 1, 6, 5)]
    [InlineData(ScalarType.Float16, 3, 7, 16, 24)]
    [InlineData(ScalarType.BFloat16, 2, 3, 700, 3001)]
    [InlineData(ScalarType.Float16, 1, 2, 3000, 701)]
    public void Values_and_gradients_are_those_of_the_stored_weights(ScalarType held, int batch, int tokens, int inputs, int outputs)
    {
        (Tensor x, Tensor weight) = Random(held, batch, tokens, inputs, outputs);
        Tensor exact = x.detach().to_type(ScalarType.Float64).requires_grad_(),
            factors = rand([batch, tokens, outputs], ScalarType.Float64);

        Tensor product = Products.Linear(x, weight), expected = exact.matmul(weight.to_type(ScalarType.Float64).t());
        OwnGradient.Backward((product * factors.to_type(ScalarType.Float32)).sum());
        (expected * factors).sum().backward();

        Assert.Equal(ScalarType.Float32, product.dtype);
        Assert.Equal(expected.shape, product.shape);
        Assert.InRange(Distance(expected, product), 0, Tolerance);
        Assert.InRange(Distance(exact.grad!, x.grad!), 0, Tolerance);
        Assert.Null(weight.grad);
    }

    [Fact]
    public void Without_gradients_the_values_are_the_same()
    {
        (Tensor x, Tensor weight) = Random(ScalarType.BFloat16, 2, 3, 40, 30);
        Tensor learned = Products.Linear(x, weight);

        using IDisposable none = no_grad();
        Tensor value = Products.Linear(x, weight);

        Assert.True(learned.requires_grad);
        Assert.False(value.requires_grad);
        Assert.True(value.equal(learned).all().item<bool>());
    }

    [Fact]
    public void Weights_of_one_format_are_left_to_the_library()
    {
        (Tensor x, Tensor weight) = Random(ScalarType.Float32, 2, 3, 40, 30);

        Assert.True(Products.Linear(x, weight).equal(nn.functional.linear(x, weight)).all().item<bool>());
    }

    [Fact]
    public void A_long_loop_leaves_no_tensor_behind()
    {
        (Tensor x, Tensor weight) = Random(ScalarType.BFloat16, 2, 3, 40, 30);
        OwnGradient.Backward(Products.Linear(x, weight).sum());
        long before = LiveTensors.Settle();

        for (int i = 0; i < 300; i++)
        {
            using DisposeScope step = NewDisposeScope();
            OwnGradient.Backward(Products.Linear(x, weight).sum());
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static (Tensor X, Tensor Weight) Random(ScalarType held, int batch, int tokens, int inputs, int outputs)
    {
        Generator random = new(1, CPU);
        return (randn([batch, tokens, inputs], generator: random).requires_grad_(),
            randn([outputs, inputs], generator: random).mul_(1 / Math.Sqrt(inputs)).to_type(held));
    }

    // ‖a − b‖ / ‖a‖
    private static double Distance(Tensor a, Tensor b) => ((a - b.to_type(ScalarType.Float64)).norm() / a.norm()).item<double>();
}
