using System.Runtime.InteropServices;
using HyperDas.Engine.Numerics;
using SkiaSharp;

namespace HyperDas.Engine.Reports.Drawing;

/// <summary>
/// Makes sure of the native library that draws, before SkiaSharp asks for it: its own first failure stays for the life of the process,
/// and names neither the place nor the remedy.
/// </summary>
internal static class DrawingRuntime
{
    private static volatile bool s_loaded;

    /// <summary>Loads the library unless that has happened. After a failure it can be tried again.</summary>
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
                $"The library that draws pictures, libSkiaSharp, wasn't found beside libtorch or in the module. Looked in: {string.Join("; ", TorchRuntime.Places())}. " +
                "Install-HyperDasBackend fetches it, with -Force where libtorch is there already.",
                "libSkiaSharp");
        }
        s_loaded = true;
    }
}
