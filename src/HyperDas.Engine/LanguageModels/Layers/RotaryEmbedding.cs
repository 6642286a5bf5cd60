using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>Cosines and sines for one set of positions, each <c>[..., positions, headWidth]</c>.</summary>
/// <param name="Cos">Cosines, both halves alike.</param>
/// <param name="Sin">Sines, negated in the first half: the sign of the rotation matrix is paid for once per table.</param>
public readonly record struct RotaryTable(Tensor Cos, Tensor Sin);

/// <summary>Rotary position embedding in Llama's half-split convention: element i is paired with element i + headWidth / 2.</summary>
public static class RotaryEmbedding
{
    /// <summary>The rotation speeds θ^(-2i/headWidth), scaled as Llama 3.1 does when asked.</summary>
    /// <param name="headWidth">Width of one attention head; even.</param>
    /// <param name="theta">Base θ, e.g. 500000.</param>
    /// <param name="scaling">Llama-3.1 scaling, or null.</param>
    /// <returns><c>[headWidth / 2]</c>, float32 values held as double for exactness of the scaling.</returns>
    public static float[] InverseFrequencies(int headWidth, double theta, Llama3RopeScaling? scaling = null)
    {
        float[] speeds = new float[headWidth / 2];
        for (int i = 0; i < speeds.Length; i++)
        {
            float speed = 1f / (float)Math.Pow(theta, 2.0 * i / headWidth);
            speeds[i] = scaling is null ? speed : Scale(speed, scaling);
        }
        return speeds;
    }

    /// <summary>Cosines and sines of position × speed.</summary>
    /// <param name="positions"><c>[...]</c>, any integer or floating type.</param>
    /// <param name="inverseFrequencies"><c>[headWidth / 2]</c>, float32.</param>
    /// <param name="dtype">Type of the table.</param>
    /// <returns>Tables of shape <c>[..., headWidth]</c>.</returns>
    public static RotaryTable Table(Tensor positions, Tensor inverseFrequencies, ScalarType dtype)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor half = positions.to_type(ScalarType.Float32).unsqueeze(-1) * inverseFrequencies;
        Tensor cos = half.cos(), sin = half.sin();
        return new RotaryTable(
            cat([cos, cos], -1).to_type(dtype).MoveToOuterDisposeScope(),
            cat([sin.neg(), sin], -1).to_type(dtype).MoveToOuterDisposeScope());
    }

    /// <summary>Rotates each head vector by its position.</summary>
    /// <param name="x"><c>[..., headWidth]</c>.</param>
    /// <param name="table">Tables that broadcast against x.</param>
    /// <returns>As x.</returns>
    public static Tensor Apply(Tensor x, RotaryTable table)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor swapped = x.roll([x.shape[^1] / 2], [-1]);
        return (x * table.Cos).addcmul(swapped, table.Sin, 1).MoveToOuterDisposeScope();
    }

    private static float Scale(float speed, Llama3RopeScaling s)
    {
        double wavelength = 2 * Math.PI / speed;
        double longest = s.OriginalLength / s.LowFrequencyFactor, shortest = s.OriginalLength / s.HighFrequencyFactor;
        if (wavelength < shortest)
        {
            return speed;
        }
        if (wavelength > longest)
        {
            return (float)(speed / s.Factor);
        }
        double smooth = (s.OriginalLength / wavelength - s.LowFrequencyFactor) / (s.HighFrequencyFactor - s.LowFrequencyFactor);
        return (float)((1 - smooth) * speed / s.Factor + smooth * speed);
    }
}
