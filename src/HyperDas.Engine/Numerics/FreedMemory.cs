using System.Runtime.InteropServices;

namespace HyperDas.Engine.Numerics;

/// <summary>
/// Returns unused memory to the system between two long operations. The heaps of the collector and the C library keep the peak memory of
/// the first, and the second would need memory in addition.
/// </summary>
internal static class FreedMemory
{
    /// <summary>Returns unused memory.</summary>
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
                // A C library other than glibc.
            }
        }
    }

    [DllImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MallocTrim(nuint pad);
}
