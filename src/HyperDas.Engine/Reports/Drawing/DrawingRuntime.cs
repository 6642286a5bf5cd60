using System.Runtime.InteropServices;
using HyperDas.Engine.Numerics;
using SkiaSharp;

namespace HyperDas.Engine.Reports.Drawing;

/// <summary>
/// Loads the native drawing library before SkiaSharp needs it: SkiaSharp's own first failure is permanent for the process, and its message
/// names neither the location nor the remedy.
/// </summary>
internal static class DrawingRuntime
{
    private static volatile bool s_loaded;

    /// <summary>Loads the library if it isn't loaded yet. It can be called again after a failure.</summary>
    /// <exception cref="HyperDasException"><c>DrawingBackendNotFound</c>.</exception>
    internal static void EnsureLoaded()
    {
        if (s_loaded)
        {
            return;
        }
        if (!NativeLibrary.TryLoad("libSkiaSharp", typeof(SKPaint).Assembly, null, out _))
        {
            throw new HyperDasException(
                "DrawingBackendNotFound",
                HyperDasErrorKind.NotInstalled,
                $"The drawing library, libSkiaSharp, wasn't found beside libtorch or in the module. Searched in: {string.Join("; ", TorchRuntime.Places())}. " +
                "Install-HyperDasBackend downloads it; use -Force if libtorch is already installed.",
                "libSkiaSharp");
        }
        s_loaded = true;
    }
}
