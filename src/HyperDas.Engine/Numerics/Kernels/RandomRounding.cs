using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics.Kernels;

/// <summary>
/// Stochastic rounding by tensor operations, for devices whose memory managed code can't access; see <see cref="NarrowNumbers"/>.
/// </summary>
internal static class RandomRounding
{
    // Below it float32 has no full mantissa; a moment of that size is negligible against the optimiser's epsilon.
    private const double Least = 1.2e-38;

    /// <summary>Rounds to fewer bits of the mantissa, stochastically.</summary>
    /// <param name="values">Finite numbers, float32.</param>
    /// <param name="mantissa">Remaining bits of the mantissa.</param>
    /// <param name="generator">Source of randomness, on the tensor's device.</param>
    /// <returns>The same shape, float32, in the caller's dispose scope.</returns>
    public static Tensor Round(Tensor values, int mantissa, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor unit = (Exponent(values) - mantissa).exp2();
        Tensor chance = rand(values.shape, values.dtype, values.device, generator: generator);
        return ((values / unit + chance).floor() * unit).MoveToOuterDisposeScope();
    }

    /// <summary>⌊log₂ |x|⌋, float32.</summary>
    /// <param name="values">Numbers.</param>
    public static Tensor Exponent(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        // frexp gives x = m 2^e with m from a half to one.
        return (values.abs().clamp(min: Least).frexp().Exponent.to_type(ScalarType.Float32) - 1).MoveToOuterDisposeScope();
    }
}
