using System.Globalization;

namespace HyperDas.Engine.Numerics;

/// <summary>
/// Refuses sizes that can't fit before anything is allocated. An operating system often grants memory that it doesn't have and ends the
/// process when it is used.
/// </summary>
internal static class MemoryCheck
{
    /// <summary>Bytes of a number that is trained: value, gradient and both moments of the optimiser, float32.</summary>
    public const int TrainedBytes = ValueBytes + 8;

    // Value and gradient.
    private const int ValueBytes = 8;

    /// <summary>Bytes of a number that is trained with moments of a format.</summary>
    /// <param name="format">The moments' format.</param>
    public static double TrainedBytesOf(MomentFormat format) => ValueBytes + (2 * Moments.BytesOf(format));

    /// <summary>Memory of the machine, or the limit that the process was given, in bytes.</summary>
    public static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Refuses more trained numbers than the machine, or the limit that the process was given, has memory for.</summary>
    /// <param name="numbers">How many; as a double, in which no product overflows.</param>
    /// <param name="what">What they are, with the sizes that a user chose.</param>
    /// <param name="target">The value at fault.</param>
    /// <exception cref="HyperDasException"><c>MemoryInsufficient</c>.</exception>
    public static void RequireTrained(double numbers, string what, object? target) => Require(numbers * TrainedBytes, what, target);

    /// <summary>Refuses more bytes than the machine, or the limit that the process was given, has memory for.</summary>
    /// <param name="bytes">How many; as a double, in which no product overflows.</param>
    /// <param name="what">What they are for, with the sizes that a user chose.</param>
    /// <param name="target">The value at fault.</param>
    /// <param name="advice">A sentence on what would take less, or null.</param>
    /// <exception cref="HyperDasException"><c>MemoryInsufficient</c>.</exception>
    public static void Require(double bytes, string what, object? target, string? advice = null)
    {
        double available = Available;
        if (bytes > available)
        {
            throw new HyperDasException(
                "MemoryInsufficient", HyperDasErrorKind.ResourceUnavailable,
                string.Create(CultureInfo.InvariantCulture,
                    $"{what} needs {bytes / (1L << 30):N0} GiB; {available / (1L << 30):N0} GiB are available. Use smaller values.{(advice is null ? "" : " " + advice)}"), target);
        }
    }
}
