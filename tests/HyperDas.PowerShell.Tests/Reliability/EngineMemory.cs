using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>What the module's engine holds in this process, seen from outside of its private room.</summary>
internal static class EngineMemory
{
    private static readonly Lazy<Func<long>> s_tensors = new(() => AssemblyLoadContext.All.Single(c => c.Name == "HyperDas").Assemblies
        .Single(a => a.GetName().Name == "TorchSharp")
        .GetType("TorchSharp.torch+Tensor", throwOnError: true)!.GetProperty("TotalCount")!.GetMethod!.CreateDelegate<Func<long>>());

    /// <summary>Live native tensors. Needs an engine that has computed something.</summary>
    public static long Tensors()
    {
        Settle();
        return s_tensors.Value();
    }

    /// <summary>Resident memory of this process, in MiB, without what its heaps hold and nothing uses.</summary>
    public static double ResidentMebibytes()
    {
        Settle();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux())
        {
            _ = MallocTrim(0);
        }
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64 / (double)(1 << 20);
    }

    [DllImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MallocTrim(nuint pad);

    private static void Settle()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
