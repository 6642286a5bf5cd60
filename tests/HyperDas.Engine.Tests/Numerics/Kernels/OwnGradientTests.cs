using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Numerics.Kernels;

public sealed class OwnGradientTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void A_failure_in_a_managed_backward_pass_is_thrown_where_backward_was_called()
    {
        Tensor x = ones(3, requires_grad: true);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => OwnGradient.Backward(Doubled.Of(x, fail: true).sum()));

        Assert.Equal("No gradient today.", error.Message);
    }

    [Fact]
    public void After_a_failure_the_next_pass_is_as_good_as_new()
    {
        Tensor x = ones(3, requires_grad: true);
        Assert.Throws<InvalidOperationException>(() => OwnGradient.Backward(Doubled.Of(x, fail: true).sum()));

        OwnGradient.Backward(Doubled.Of(x, fail: false).sum());

        Assert.Equal([2f, 2f, 2f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void A_second_backward_through_the_same_values_is_an_error_and_not_the_end_of_the_process()
    {
        Tensor x = ones(3, requires_grad: true);
        Tensor y = Doubled.Of(x, fail: false);
        OwnGradient.Backward(y.sum());

        Assert.ThrowsAny<Exception>(() => OwnGradient.Backward(y.sum()));
    }

    [Fact]
    public void What_goes_through_several_nodes_is_right_though_each_releases_what_the_one_before_returned()
    {
        Tensor x = ones(3, requires_grad: true);

        OwnGradient.Backward((Doubled.Of(Doubled.Of(Doubled.Of(x, false), false), false) + Doubled.Of(x, false)).sum());

        Assert.Equal([10f, 10f, 10f], x.grad!.data<float>().ToArray());
    }

    private sealed class Doubled : autograd.SingleTensorFunction<Doubled>
    {
        public override string Name => nameof(Doubled);

        public static Tensor Of(Tensor x, bool fail) => apply(x, fail);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            OwnGradient.Save(ctx, (Tensor)vars[0]);
            ctx.save_data("fail", vars[1]);
            return (Tensor)vars[0] * 2;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => OwnGradient.Run(
            ctx, [grad_output], 2, (saved, gradients) => (bool)ctx.get_data("fail")
                ? throw new InvalidOperationException("No gradient today.")
                : [gradients[0] * 2, null])!;
    }
}
