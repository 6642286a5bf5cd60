using System.Diagnostics;
using System.Runtime.Loader;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>What the module's engine holds in this process, seen from outside of its private room.</summary>
internal static class EngineMemory
{
    private static readonly Lazy<Func<long>> s_tensors = new(() => AssemblyLoadContext.All.Single(c => c.Name == "HyperDas").Assemblies
        .Single(a => a.GetName().Name == "TorchSharp").GetType("TorchSharp.torch+Tensor", throwOnError: true)!.GetProperty("TotalCount")!.GetMethod!.CreateDelegate<Func<long>>());

    /// <summary>Live native tensors. Needs an engine that has computed something.</summary>
    public static long Tensors()
    {
        Settle();
        return s_tensors.Value();
    }

    /// <summary>Resident memory of this process, in MiB.</summary>
    public static double ResidentMebibytes()
    {
        Settle();
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64 / (double)(1 << 20);
    }

    private static void Settle()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
