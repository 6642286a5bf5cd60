using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics.Kernels;

/// <summary>
/// x Wᵀ with frozen weights in a narrower format than x. A few rows of W at a time are widened, forward and backward, so that they are
/// still in the processor's cache when they are multiplied and no moment holds a whole wide matrix. libtorch's own way would keep one for
/// every product until the way back.
/// </summary>
internal sealed class WidenedProduct : autograd.SingleTensorFunction<WidenedProduct>
{
    // Number of values that are widened at once.
    private const long PieceLength = 1 << 20;

    /// <inheritdoc/>
    public override string Name => nameof(WidenedProduct);

    /// <summary>x Wᵀ.</summary>
    /// <param name="x"><c>[..., inputs]</c>.</param>
    /// <param name="weight">W, <c>[outputs, inputs]</c>, contiguous by rows.</param>
    /// <returns><c>[..., outputs]</c>, in x's format.</returns>
    public static Tensor Apply(Tensor x, Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = x.reshape(-1, x.shape[^1]);
        Tensor product = is_grad_enabled() && x.requires_grad ? apply(rows, weight) : Forward(rows, weight);
        return product.view([.. x.shape[..^1], weight.shape[0]]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        Tensor weight = (Tensor)vars[1];
        OwnGradient.Save(ctx, weight);
        return Forward((Tensor)vars[0], weight);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
        OwnGradient.Run(ctx, [grad_output], 2, (saved, gradients) => [Backward(gradients[0], saved[0]), null])!;

    private static Tensor Forward(Tensor rows, Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> parts = [];
        Tensor buffer = Buffer(weight, rows);
        foreach ((long start, long count) in Pieces(weight))
        {
            using Tensor wide = Widened(weight, start, count, buffer);
            parts.Add(nn.functional.linear(rows, wide));
        }
        return (parts.Count == 1 ? parts[0] : cat(parts, 1)).MoveToOuterDisposeScope();
    }

    private static Tensor Backward(Tensor gradient, Tensor weight)
    {
        Tensor sum = zeros([gradient.shape[0], weight.shape[1]], gradient.dtype, gradient.device);
        using Tensor buffer = Buffer(weight, gradient);
        foreach ((long start, long count) in Pieces(weight))
        {
            using Tensor wide = Widened(weight, start, count, buffer), part = gradient.narrow(1, start, count);
            sum.addmm_(part, wide, beta: 1, alpha: 1);
        }
        return sum;
    }

    // One buffer for all pieces: the kernel would map a new one for each page by page.
    private static Tensor Buffer(Tensor weight, Tensor like) =>
        empty([Math.Min(weight.shape[0], Rows(weight)), weight.shape[1]], like.dtype, like.device);

    private static Tensor Widened(Tensor weight, long start, long count, Tensor buffer)
    {
        using Tensor piece = weight.narrow(0, start, count);
        Tensor wide = buffer.narrow(0, 0, count);
        // Never part of a graph: no training pass is recorded here, and the next piece overwrites this one.
        using IDisposable noGradient = no_grad();
        return wide.copy_(piece);
    }

    private static long Rows(Tensor weight) => Math.Max(1, PieceLength / weight.shape[1]);

    private static IEnumerable<(long Start, long Count)> Pieces(Tensor weight)
    {
        long outputs = weight.shape[0], step = Rows(weight);
        for (long start = 0; start < outputs; start += step)
        {
            yield return (start, Math.Min(step, outputs - start));
        }
    }
}
