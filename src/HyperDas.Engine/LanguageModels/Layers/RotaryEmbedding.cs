using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>Cosines and sines for one set of positions, each <c>[..., positions, headWidth]</c>.</summary>
/// <param name="Cos">Cosines, identical in both halves.</param>
/// <param name="Sin">Sines, negated in the first half, so the sign of the rotation matrix is applied once per table.</param>
public readonly record struct RotaryTable(Tensor Cos, Tensor Sin);

/// <summary>Rotary position embedding in Llama's half-split convention: element i is paired with element i + headWidth / 2.</summary>
public static class RotaryEmbedding
{
    /// <summary>
    /// The inverse frequencies θ^(-2i/headWidth), optionally scaled; if the scaling depends on the length of the text, those of short
    /// texts.
    /// </summary>
    /// <param name="headWidth">Width of one attention head, or of its rotating part; even.</param>
    /// <param name="theta">Base θ, e.g. 500000.</param>
    /// <param name="scaling">The scaling, or null.</param>
    /// <returns><c>[headWidth / 2]</c>, float32 values.</returns>
    public static float[] InverseFrequencies(int headWidth, double theta, RopeScaling? scaling = null) => scaling switch
    {
        Llama3RopeScaling llama3 => [.. Speeds(headWidth, theta).Select(speed => Scale(speed, llama3))],
        LinearRopeScaling linear => [.. Speeds(headWidth, theta).Select(speed => (float)(speed / linear.Factor))],
        YarnRopeScaling yarn => Yarn(headWidth, theta, yarn),
        LongRopeScaling longrope => Divided(headWidth, theta, longrope.ShortFactors),
        _ => Speeds(headWidth, theta),
    };

    /// <summary>The inverse frequencies, each divided by its own factor.</summary>
    /// <param name="headWidth">Width of the rotating part of a head; even.</param>
    /// <param name="theta">Base θ.</param>
    /// <param name="divisors">One for each frequency.</param>
    internal static float[] Divided(int headWidth, double theta, IReadOnlyList<double> divisors) =>
        [.. Speeds(headWidth, theta).Select((speed, i) => (float)(speed / divisors[i]))];

    /// <summary>Cosines and sines of position × frequency.</summary>
    /// <param name="positions"><c>[...]</c>, any integer or floating type.</param>
    /// <param name="inverseFrequencies"><c>[headWidth / 2]</c>, float32.</param>
    /// <param name="dtype">Type of the table.</param>
    /// <param name="scale">Factor for all values.</param>
    /// <returns>Tables of shape <c>[..., headWidth]</c>.</returns>
    public static RotaryTable Table(Tensor positions, Tensor inverseFrequencies, ScalarType dtype, double scale = 1)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor half = positions.to_type(ScalarType.Float32).unsqueeze(-1) * inverseFrequencies;
        Tensor cos = half.cos(), sin = half.sin();
        if (scale != 1)
        {
            (cos, sin) = (cos * scale, sin * scale);
        }
        return new RotaryTable(
            cat([cos, cos], -1).to_type(dtype).MoveToOuterDisposeScope(),
            cat([sin.neg(), sin], -1).to_type(dtype).MoveToOuterDisposeScope());
    }

    /// <summary>Rotates each head vector by its position.</summary>
    /// <param name="x"><c>[..., headWidth]</c>.</param>
    /// <param name="table">Tables that broadcast against x; narrower ones rotate only the first dimensions.</param>
    /// <returns>As x.</returns>
    public static Tensor Apply(Tensor x, RotaryTable table)
    {
        using DisposeScope scope = NewDisposeScope();
        long width = table.Cos.shape[^1], rest = x.shape[^1] - width;
        if (rest > 0)
        {
            Tensor[] parts = x.split([width, rest], -1);
            return cat([Apply(parts[0], table), parts[1]], -1).MoveToOuterDisposeScope();
        }
        Tensor swapped = x.roll([x.shape[^1] / 2], [-1]);
        return (x * table.Cos).addcmul(swapped, table.Sin, 1).MoveToOuterDisposeScope();
    }

    // The exponent is a float32 in the reference: at position 5000 its rounding is visible if the width isn't a power of 2.
    private static float[] Speeds(int headWidth, double theta) =>
        [.. Enumerable.Range(0, headWidth / 2).Select(i => 1f / (float)Math.Pow(theta, 2f * i / headWidth))];

    private static float[] Yarn(int headWidth, double theta, YarnRopeScaling s)
    {
        // Dimension whose frequency makes this many turns over the original length.
        double Dimension(double turns) => headWidth * Math.Log(s.OriginalLength / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
        double low = Dimension(s.FastTurns), high = Dimension(s.SlowTurns);
        (low, high) = s.WholeBounds ? (Math.Floor(low), Math.Ceiling(high)) : (low, high);
        (low, high) = (Math.Max(low, 0), Math.Min(high, headWidth - 1));
        high = low == high ? high + 0.001 : high;
        return
        [
            .. Speeds(headWidth, theta).Select((speed, i) =>
            {
                double divided = Math.Clamp((i - low) / (high - low), 0, 1);
                return (float)((speed * (1 - divided)) + (speed / s.Factor * divided));
            }),
        ];
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
