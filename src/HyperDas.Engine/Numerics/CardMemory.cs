using System.Runtime.InteropServices;

namespace HyperDas.Engine.Numerics;

/// <summary>Memory of CUDA cards, asked of the driver: neither TorchSharp nor the part of libtorch that it binds tells.</summary>
internal static class CardMemory
{
    private const int Success = 0;

    private delegate int Initialise(uint flags);

    private delegate int Find(out int device, int index);

    private delegate int Measure(out nuint bytes, int device);

    /// <summary>Memory of one card, in bytes.</summary>
    /// <param name="index">Its number, as in <c>cuda:1</c>; only cards that the process may see are counted.</param>
    /// <returns>Null where there is no driver, or none such card.</returns>
    public static long? Total(int index) => Total(index, OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1");

    /// <summary>The same of any driver.</summary>
    /// <param name="index">The card's number.</param>
    /// <param name="driver">The driver's library.</param>
    internal static long? Total(int index, string driver)
    {
        // Never freed: libtorch works with it, too.
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
