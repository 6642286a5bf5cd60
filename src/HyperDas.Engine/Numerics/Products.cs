using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics;

/// <summary>Products with a target model's weights. All of them go through here, whatever the weights are held in.</summary>
internal static class Products
{
    /// <summary>x Wᵀ + b in x's format; weights in another one are widened piece by piece. Differentiable with respect to x.</summary>
    /// <param name="x"><c>[..., inputs]</c>.</param>
    /// <param name="weight">W, <c>[outputs, inputs]</c>; frozen if it is held in another format than x.</param>
    /// <param name="bias">b, <c>[outputs]</c>, which is added, or null.</param>
    /// <returns><c>[..., outputs]</c>, in x's format.</returns>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null)
    {
        if (x.dtype == weight.dtype)
        {
            return nn.functional.linear(x, weight, bias);
        }
        if (bias is null)
        {
            return WidenedProduct.Apply(x, weight);
        }
        using DisposeScope scope = NewDisposeScope();
        return WidenedProduct.Apply(x, weight).add(bias.to_type(x.dtype)).MoveToOuterDisposeScope();
    }
}
