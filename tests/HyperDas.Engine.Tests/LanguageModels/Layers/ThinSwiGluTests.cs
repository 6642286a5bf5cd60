using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels.Layers;

public sealed class ThinSwiGluTests : IDisposable
{
    private const double Tolerance = 1e-5;
    private const string NoVectors = "This processor has no vectors of 16 numbers: the library's products are used instead.";

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly int _threads = get_num_threads();

    public void Dispose()
    {
        set_num_threads(_threads);
        _scope.Dispose();
    }

    // Widths that fill neither vectors nor groups of rows nor tiles, and one of so many tiles that work is divided by them.
    [SkippableTheory]
    [InlineData(2, 250, 2100, 13)]
    [InlineData(16, 250, 2100, 13)]
    [InlineData(17, 250, 2100, 13)]
    [InlineData(64, 250, 2100, 13)]
    [InlineData(16, 64, 8200, 40)]
    [InlineData(33, 64, 8200, 40)]
    [InlineData(5, 8200, 70, 8)]
    public void Values_and_gradients_are_those_of_the_formula(int rows, int hidden, int inner, int output)
    {
        Skip.IfNot(ThinProduct.IsSupported, NoVectors);
        Layer layer = Layer.Random(rows, hidden, inner, output);
        Assert.True(ThinSwiGlu.Suits(layer.X, layer.GateUp, layer.Down));

        Tensor[] expected = layer.To(ScalarType.Float64).Run(SwiGlu.Apply), found = layer.Run(ThinSwiGlu.Apply);

        foreach ((Tensor right, Tensor here) in expected.Zip(found))
        {
            Assert.Equal(right.shape, here.shape);
            Assert.True(Distance(right, here) < Tolerance, $"{Distance(right, here)}");
        }
    }

    [Theory]
    [InlineData(1, 250, 2100, 13, ScalarType.Float32)]
    [InlineData(65, 250, 2100, 13, ScalarType.Float32)]
    [InlineData(16, 32, 64, 13, ScalarType.Float32)]
    [InlineData(16, 250, 2100, 13, ScalarType.BFloat16)]
    [InlineData(16, 250, 2100, 13, ScalarType.Float64)]
    public void Other_sizes_and_formats_are_left_to_the_library(int rows, int hidden, int inner, int output, ScalarType dtype)
    {
        Layer layer = Layer.Random(rows, hidden, inner, output).To(dtype);

        Assert.False(ThinSwiGlu.Suits(layer.X, layer.GateUp, layer.Down));
        Assert.Equal(0, Distance(SwiGlu.Apply(layer.X, layer.GateUp, layer.Down), ThinSwiGlu.Apply(layer.X, layer.GateUp, layer.Down)));
    }

    [Fact]
    public void Without_gradients_the_values_are_the_same()
    {
        Layer layer = Layer.Random(16, 250, 2100, 13);

        using IDisposable none = no_grad();
        Tensor value = ThinSwiGlu.Apply(layer.X, layer.GateUp, layer.Down);

        Assert.False(value.requires_grad);
        Assert.True(Distance(SwiGlu.Apply(layer.X, layer.GateUp, layer.Down), value) < Tolerance);
    }

    [Fact]
    public void Frozen_weights_get_no_gradient()
    {
        Layer layer = Layer.Random(16, 250, 2100, 13);
        layer.GateUp.requires_grad_(false);
        layer.Down.requires_grad_(false);

        OwnGradient.Backward(ThinSwiGlu.Apply(layer.X, layer.GateUp, layer.Down).sum());

        Assert.NotNull(layer.X.grad);
        Assert.Null(layer.GateUp.grad);
        Assert.Null(layer.Down.grad);
    }

    [Fact]
    public void Gradients_of_two_passes_add_up_as_those_of_a_batch_in_parts_must()
    {
        Layer layer = Layer.Random(16, 250, 2100, 13);
        Tensor[] once = [.. layer.Run(ThinSwiGlu.Apply).Select(t => t.clone())];

        OwnGradient.Backward((ThinSwiGlu.Apply(layer.X, layer.GateUp, layer.Down) * layer.Factors).sum());

        foreach ((Tensor single, Tensor leaf) in once.Skip(1).Zip([layer.X, layer.GateUp, layer.Down]))
        {
            Assert.True(Distance(single * 2, leaf.grad!) < Tolerance);
        }
    }

    [Fact]
    public void Weights_that_are_computed_pass_their_gradient_on()
    {
        Layer layer = Layer.Random(16, 250, 2100, 13);
        Tensor factor = ones(1, requires_grad: true), plain = ones(1, requires_grad: true);

        OwnGradient.Backward(ThinSwiGlu.Apply(layer.X.detach(), layer.GateUp.detach() * factor, layer.Down.detach() * factor).sum());
        SwiGlu.Apply(layer.X.detach(), layer.GateUp.detach() * plain, layer.Down.detach() * plain).sum().backward();

        Assert.True(Distance(plain.grad!, factor.grad!) < Tolerance);
    }

    [SkippableFact]
    public void The_number_of_threads_changes_no_bit()
    {
        Skip.IfNot(ThinProduct.IsSupported, NoVectors);
        Layer layer = Layer.Random(16, 250, 2100, 13), wide = Layer.Random(16, 64, 8200, 40);

        foreach (Layer each in new[] { layer, wide })
        {
            set_num_threads(1);
            Tensor[] alone = [.. each.Run(ThinSwiGlu.Apply).Select(t => t.clone())];
            set_num_threads(3);
            foreach ((Tensor a, Tensor b) in alone.Zip(each.Run(ThinSwiGlu.Apply)))
            {
                Assert.True(a.equal(b).all().item<bool>());
            }
        }
    }

    [Fact]
    public void A_long_loop_leaves_no_tensor_behind()
    {
        Layer layer = Layer.Random(16, 250, 2100, 13);
        layer.Run(ThinSwiGlu.Apply);
        long before = LiveTensors.Settle();

        for (int i = 0; i < 300; i++)
        {
            using DisposeScope step = NewDisposeScope();
            layer.Run(ThinSwiGlu.Apply);
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    // ‖a − b‖ / ‖a‖
    private static double Distance(Tensor a, Tensor b) =>
        ((a.to_type(ScalarType.Float64) - b.to_type(ScalarType.Float64)).norm() / a.to_type(ScalarType.Float64).norm()).item<double>();

    private sealed record Layer(Tensor X, Tensor GateUp, Tensor Down, Tensor Factors)
    {
        public static Layer Random(int rows, int hidden, int inner, int output)
        {
            Generator random = new(1, CPU);
            Tensor Normal(long a, long b, double size) => randn([a, b], generator: random).mul_(size).requires_grad_();
            return new Layer(
                Normal(rows, hidden, 1), Normal(2 * inner, hidden, 1 / Math.Sqrt(hidden)), Normal(output, inner, 1 / Math.Sqrt(inner)),
                Normal(rows, output, 1).detach());
        }

        public Layer To(ScalarType dtype)
        {
            Tensor Leaf(Tensor of) => of.detach().to_type(dtype, copy: true).requires_grad_();
            return new Layer(Leaf(X), Leaf(GateUp), Leaf(Down), Factors.to_type(dtype));
        }

        // The value and the gradients of x and both weights.
        public Tensor[] Run(Func<Tensor, Tensor, Tensor, Tensor> apply)
        {
            X.grad = null;
            GateUp.grad = null;
            Down.grad = null;
            Tensor value = apply(X, GateUp, Down);
            OwnGradient.Backward((value * Factors).sum());
            return [value, X.grad!, GateUp.grad!, Down.grad!];
        }
    }
}
