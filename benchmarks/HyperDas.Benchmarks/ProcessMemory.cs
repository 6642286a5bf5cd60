using System.Diagnostics;

namespace HyperDas.Benchmarks;

/// <summary>Resident memory of this process.</summary>
internal static class ProcessMemory
{
    /// <summary>The largest so far, in bytes.</summary>
    internal static long Peak()
    {
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }

    /// <summary>
    /// Forgets what was largest before, where the system can: what has been measured so far may have taken more than what comes.
    /// </summary>
    internal static void ResetPeak()
    {
        const string Linux = "/proc/self/clear_refs";
        if (File.Exists(Linux))
        {
            File.WriteAllText(Linux, "5");
        }
    }
}
