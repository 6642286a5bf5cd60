using System.Numerics;
using static HyperDas.Engine.Numerics.Kernels.TensorMemory;

namespace HyperDas.Engine.Numerics.Kernels;

/// <summary>h = SiLU(gate) ⊙ up and its gradients, in one pass each.</summary>
internal static class GatedProduct
{
    /// <summary>h = gate σ(gate) up.</summary>
    /// <param name="gate">As long as the others.</param>
    /// <param name="up">As long as the others.</param>
    /// <param name="product">h, written over.</param>
    public static void Forward(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> product)
    {
        ReadOnlySpan<Vector<float>> gates = Vectors(gate), ups = Vectors(up);
        Span<Vector<float>> products = Vectors(product);
        for (int i = 0; i < products.Length; i++)
        {
            Vector<float> g = gates[i];
            products[i] = g * Sigmoid(g) * ups[i];
        }
        for (int i = products.Length * Vector<float>.Count; i < product.Length; i++)
        {
            product[i] = gate[i] * Sigmoid(gate[i]) * up[i];
        }
    }

    /// <summary>Gradients of gate and up from that of h.</summary>
    /// <param name="gate">As in the forward pass.</param>
    /// <param name="up">As in the forward pass.</param>
    /// <param name="gradient">dh.</param>
    /// <param name="gateGradient">Written over.</param>
    /// <param name="upGradient">Written over.</param>
    public static void Backward(
        ReadOnlySpan<float> gate, ReadOnlySpan<float> up, ReadOnlySpan<float> gradient, Span<float> gateGradient, Span<float> upGradient)
    {
        ReadOnlySpan<Vector<float>> gates = Vectors(gate), ups = Vectors(up), gradients = Vectors(gradient);
        Span<Vector<float>> ofGates = Vectors(gateGradient), ofUps = Vectors(upGradient);
        for (int i = 0; i < ofGates.Length; i++)
        {
            Vector<float> g = gates[i], s = Sigmoid(g), d = gradients[i];
            ofUps[i] = d * g * s;
            ofGates[i] = d * ups[i] * s * (Vector<float>.One + (g * (Vector<float>.One - s)));
        }
        for (int i = ofGates.Length * Vector<float>.Count; i < gateGradient.Length; i++)
        {
            float g = gate[i], s = Sigmoid(g), d = gradient[i];
            upGradient[i] = d * g * s;
            gateGradient[i] = d * up[i] * s * (1 + (g * (1 - s)));
        }
    }

    private static Vector<float> Sigmoid(Vector<float> x) => Vector<float>.One / (Vector<float>.One + Vector.Exp(-x));

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
