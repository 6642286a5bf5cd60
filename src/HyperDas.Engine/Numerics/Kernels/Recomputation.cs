using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics.Kernels;

/// <summary>
/// A piece of work of which only the input is kept for the way back: there it is done again, this time with everything that its gradients
/// need. It takes the time of one forward pass more and a fraction of the memory.
/// </summary>
internal sealed class Recomputation : autograd.SingleTensorFunction<Recomputation>
{
    private const string Work = "work";

    /// <inheritdoc/>
    public override string Name => nameof(Recomputation);

    /// <summary>Does the work.</summary>
    /// <param name="x">Its input.</param>
    /// <param name="work">Gives one new tensor, differentiable with respect to x and to nothing else, and always the same.</param>
    /// <returns>What the work gives, in the caller's dispose scope.</returns>
    public static Tensor Apply(Tensor x, Func<Tensor, Tensor> work) => is_grad_enabled() && x.requires_grad ? apply(x, work) : work(x);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        Tensor x = (Tensor)vars[0];
        Func<Tensor, Tensor> work = (Func<Tensor, Tensor>)vars[1];
        OwnGradient.Save(ctx, x);
        ctx.save_data(Work, work);
        using IDisposable noGradient = no_grad();
        return work(x);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        Func<Tensor, Tensor> work = (Func<Tensor, Tensor>)ctx.get_data(Work);
        return OwnGradient.Run(ctx, [grad_output], 2, (saved, gradients) => [Backward(saved[0], gradients[0], work), null])!;
    }

    private static Tensor? Backward(Tensor x, Tensor gradient, Func<Tensor, Tensor> work)
    {
        using IDisposable recording = enable_grad();
        Tensor input = x.detach().requires_grad_();
        work(input).backward([gradient]);
        return input.grad;
    }
}
