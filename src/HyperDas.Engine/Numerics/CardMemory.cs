using System.Runtime.InteropServices;

namespace HyperDas.Engine.Numerics;

/// <summary>
/// Memory of CUDA cards, queried from the driver, because neither TorchSharp nor the part of libtorch that it binds provides it.
/// </summary>
internal static class CardMemory
{
    private const int Success = 0;

    private delegate int Initialise(uint flags);

    private delegate int Find(out int device, int index);

    private delegate int Measure(out nuint bytes, int device);

    /// <summary>Memory of one card, in bytes.</summary>
    /// <param name="index">Its number, as in <c>cuda:1</c>, among the cards visible to the process.</param>
    /// <returns>Null if there is no driver or no such card.</returns>
    public static long? Total(int index) => Total(index, OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1");

    /// <summary>The same with any driver.</summary>
    /// <param name="index">The card's number.</param>
    /// <param name="driver">The driver's library.</param>
    internal static long? Total(int index, string driver)
    {
        // Never freed: libtorch uses it, too.
        if (!NativeLibrary.TryLoad(driver, out nint library)
            || Function<Initialise>(library, "cuInit") is not { } initialise
            || Function<Find>(library, "cuDeviceGet") is not { } find
            || Function<Measure>(library, "cuDeviceTotalMem_v2") is not { } measure)
        {
            return null;
        }
        return initialise(0) == Success && find(out int device, index) == Success && measure(out nuint bytes, device) == Success
            ? (long)bytes
            : null;
    }

    private static T? Function<T>(nint library, string name)
        where T : Delegate => NativeLibrary.TryGetExport(library, name, out nint address)
            ? Marshal.GetDelegateForFunctionPointer<T>(address)
            : null;
}
