using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics.Kernels;

/// <summary>
/// The 8-bit numbers of <see cref="NarrowNumbers"/> by tensor operations, for devices whose memory managed code can't access.
/// </summary>
internal static class EightBitTensors
{
    private const int Length =
        NarrowNumbers.BlockLength, Mantissa = NarrowNumbers.CodeMantissa, Steps = 1 << Mantissa, Bias = 127, SignCode = 128;

    /// <summary>Reads a parameter's numbers.</summary>
    /// <param name="codes"><c>[numbers]</c>, bytes.</param>
    /// <param name="bases"><c>[blocks]</c>, int32.</param>
    /// <param name="signed">Whether they have a sign.</param>
    /// <returns><c>[numbers]</c>, float32, in the caller's dispose scope.</returns>
    public static Tensor Read(Tensor codes, Tensor bases, bool signed)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = codes.shape[0];
        Tensor wide = codes.to_type(ScalarType.Float32), sizes = signed ? wide.remainder(SignCode) : wide;
        Tensor place = sizes + Spread(bases, count);
        Tensor exponent = (place / Steps).floor();
        Tensor values = (Steps + place - (exponent * Steps)) * (exponent - (Bias + Mantissa)).exp2();
        values = values.masked_fill(sizes == 0, 0);
        return (signed ? where(wide >= SignCode, -values, values) : values).MoveToOuterDisposeScope();
    }

    /// <summary>Writes a parameter's numbers.</summary>
    /// <param name="values"><c>[numbers]</c>, float32, finite.</param>
    /// <param name="codes"><c>[numbers]</c>, bytes; overwritten.</param>
    /// <param name="bases"><c>[blocks]</c>, int32; overwritten.</param>
    /// <param name="signed">Whether the codes have a sign; without one no number is negative, and positive numbers stay positive.</param>
    /// <param name="generator">Source of randomness for the rounding.</param>
    public static void Write(Tensor values, Tensor codes, Tensor bases, bool signed, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = values.shape[0];
        Tensor sizes = values.abs();
        Tensor largest = nn.functional.pad(sizes, [0, (bases.shape[0] * Length) - count]).view(-1, Length).amax([1L]);
        Tensor from = (Place(largest) - (signed ? NarrowNumbers.TopSigned : NarrowNumbers.TopUnsigned)).clamp(min: 0);
        Tensor spread = Spread(from, count);
        Tensor code = Place(RandomRounding.Round(sizes, Mantissa, generator)) - spread;
        if (signed)
        {
            // Values below the smallest code become that code or 0.
            Tensor exponent = ((spread + 1) / Steps).floor();
            Tensor least = (Steps + spread + 1 - (exponent * Steps)) * (exponent - (Bias + Mantissa)).exp2();
            Tensor chance = rand(sizes.shape, sizes.dtype, sizes.device, generator: generator);
            code = where(sizes < least, (sizes > chance * least).to_type(ScalarType.Float32), code);
        }
        code = code.clamp(min: signed ? 0 : 1).masked_fill(sizes == 0, 0);
        codes.copy_(signed ? code + ((values < 0).to_type(ScalarType.Float32) * SignCode) : code);
        bases.copy_(from);
    }

    // Values with sign, exponent and a mantissa truncated to three bits, in order of magnitude: float32's upper bits.
    private static Tensor Place(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor exponent = RandomRounding.Exponent(values);
        Tensor mantissa = (values * (Mantissa - exponent).exp2()).floor() - Steps;
        return (((exponent + Bias) * Steps) + mantissa).clamp(min: 0).MoveToOuterDisposeScope();
    }

    private static Tensor Spread(Tensor bases, long count) =>
        bases.to_type(ScalarType.Float32).repeat_interleave(Length).narrow(0, 0, count);
}
