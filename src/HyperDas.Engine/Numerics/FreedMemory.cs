using System.Runtime.InteropServices;

namespace HyperDas.Engine.Numerics;

/// <summary>
/// Gives memory that nothing uses back to the system, between two pieces of long work: the collector's and the C library's heaps keep what
/// the piece before needed at its highest, so that the next one's memory would come on top of it.
/// </summary>
internal static class FreedMemory
{
    /// <summary>Gives it back.</summary>
    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux())
        {
            try
            {
                _ = MallocTrim(0);
            }
            catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
            {
                // Another C library than glibc.
            }
        }
    }

    [DllImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MallocTrim(nuint pad);
}
