using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>
/// <see cref="SwiGlu"/> for few rows and large weights, as in an interpreter with one row per concept: in float32 on the processor, with
/// products that read each weight once.
/// </summary>
internal sealed class ThinSwiGlu : autograd.SingleTensorFunction<ThinSwiGlu>
{
    // Below these the library is faster.
    private const long FewestWeights = 1 << 20, FewestRows = 2;

    private const int PieceLength = 1 << 14;

    /// <inheritdoc/>
    public override string Name => nameof(ThinSwiGlu);

    /// <summary>W_down( SiLU(W_gate x) ⊙ W_up x ), computed in the way that is faster for the sizes.</summary>
    /// <param name="x"><c>[rows, hidden]</c>.</param>
    /// <param name="gateUp">W_gate and W_up concatenated by rows, <c>[2 · inner, hidden]</c>.</param>
    /// <param name="down">W_down, <c>[output, inner]</c>.</param>
    /// <returns><c>[rows, output]</c>.</returns>
    public static Tensor Apply(Tensor x, Tensor gateUp, Tensor down)
    {
        if (!Suits(x, gateUp, down))
        {
            return SwiGlu.Apply(x, gateUp, down);
        }
        using DisposeScope scope = NewDisposeScope();
        bool learns = is_grad_enabled() && (x.requires_grad || gateUp.requires_grad || down.requires_grad);
        return (learns ? apply(x, gateUp, down) : Forward(x, gateUp, down).Result).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = (Tensor)vars[0], gateUp = (Tensor)vars[1], down = (Tensor)vars[2];
        (Tensor result, Tensor lanes, Tensor inner) = Forward(x, gateUp, down);
        OwnGradient.Save(ctx, lanes.MoveToOuterDisposeScope(), inner.MoveToOuterDisposeScope(), gateUp, down);
        return result.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
        OwnGradient.Run(ctx, [grad_output], 3, (saved, gradients) => Backward(gradients[0], saved[0], saved[1], saved[2], saved[3]))!;

    /// <summary>Whether <see cref="Apply"/> uses this implementation rather than the library's.</summary>
    internal static bool Suits(Tensor x, Tensor gateUp, Tensor down) =>
        ThinProduct.IsSupported && x.shape[0] is >= FewestRows and <= ThinProduct.MostRows && gateUp.numel() >= FewestWeights
        && new[] { x, gateUp, down }.All(
            t => t.dtype == ScalarType.Float32 && t.device_type == DeviceType.CPU && t.numel() <= int.MaxValue / sizeof(float))
        && gateUp.is_contiguous() && down.is_contiguous();

    // Rows become lanes, [width, lanes], padded with zeros.
    private static Tensor ToLanes(Tensor rows)
    {
        Tensor lanes = zeros(rows.shape[1], ThinProduct.LanesFor(rows.shape[0]));
        lanes.narrow(1, 0, rows.shape[0]).copy_(rows.transpose(0, 1));
        return lanes;
    }

    private static Tensor FromLanes(Tensor lanes, long rows) => lanes.narrow(1, 0, rows).transpose(0, 1).contiguous();

    private static (Tensor Result, Tensor Lanes, Tensor Inner) Forward(Tensor x, Tensor gateUp, Tensor down)
    {
        Tensor lanes = ToLanes(x);
        long width = lanes.shape[1];
        Tensor inner = empty(gateUp.shape[0], width), product = empty(down.shape[1], width), output = empty(down.shape[0], width);
        ThinProduct.Forward(gateUp, lanes, inner);
        Multiply(inner, product);
        ThinProduct.Forward(down, product, output);
        return (FromLanes(output, x.shape[0]), lanes, inner);
    }

    private static void Multiply(Tensor inner, Tensor product)
    {
        int half = (int)product.numel();
        TensorMemory.InPieces(half, PieceLength, (from, length) => GatedProduct.Forward(
            TensorMemory.Floats(inner).Slice(from, length), TensorMemory.Floats(inner).Slice(half + from, length),
            TensorMemory.Floats(product).Slice(from, length)));
    }

    private static Tensor?[] Backward(Tensor gradient, Tensor lanes, Tensor inner, Tensor gateUp, Tensor down)
    {
        Tensor g = ToLanes(gradient), ofProduct = empty(down.shape[1], lanes.shape[1]), ofInner = empty_like(inner);
        Tensor? ofDown = null, ofGateUp = null;
        ThinProduct.InputGradient(down, g, ofProduct);
        if (down.requires_grad)
        {
            // Recomputed: cheaper than storing it until the backward pass.
            Tensor product = empty_like(ofProduct);
            Multiply(inner, product);
            ofDown = empty(down.shape);
            ThinProduct.WeightGradient(g, product, ofDown);
            ofDown = OwnGradient.Accumulate(down, ofDown);
        }
        int half = (int)ofProduct.numel();
        TensorMemory.InPieces(half, PieceLength, (from, length) => GatedProduct.Backward(
            TensorMemory.Floats(inner).Slice(from, length), TensorMemory.Floats(inner).Slice(half + from, length),
            TensorMemory.Floats(ofProduct).Slice(from, length),
            TensorMemory.Floats(ofInner).Slice(from, length), TensorMemory.Floats(ofInner).Slice(half + from, length)));
        if (gateUp.requires_grad)
        {
            ofGateUp = empty(gateUp.shape);
            ThinProduct.WeightGradient(ofInner, lanes, ofGateUp);
            ofGateUp = OwnGradient.Accumulate(gateUp, ofGateUp);
        }
        Tensor ofLanes = empty_like(lanes);
        ThinProduct.InputGradient(gateUp, ofInner, ofLanes);
        return [FromLanes(ofLanes, gradient.shape[0]), ofGateUp, ofDown];
    }
}
