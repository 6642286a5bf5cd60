using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.Loader;
using HyperDas.Pump;
using HyperDas.Serialization;

namespace HyperDas.Loading;

/// <summary>
/// Connects <see cref="EngineLoadContext"/> while the module is imported. Both methods run once per importing runspace and therefore count;
/// neither accesses the engine, libtorch or the disk.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    // HyperDas.OneCopy.psm1 reads it.
    private const string LoadedInProcess = "HYPERDAS_LOADED";

    private static readonly Lock s_gate = new();
    private static int s_imports;

    /// <inheritdoc/>
    public void OnImport()
    {
        lock (s_gate)
        {
            if (s_imports++ == 0)
            {
                AssemblyLoadContext.Default.Resolving += ResolveEngine;
                Environment.SetEnvironmentVariable(LoadedInProcess, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            }
        }
        if (Runspace.DefaultRunspace is { } runspace)
        {
            RecordTypes.AddTo(runspace);
        }
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        EngineJob.StopAllOfRunspace();
        lock (s_gate)
        {
            if (s_imports > 0 && --s_imports == 0)
            {
                AssemblyLoadContext.Default.Resolving -= ResolveEngine;
            }
        }
    }

    // Only one name: everything else that the engine needs is resolved in its own context.
    private static Assembly? ResolveEngine(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == "HyperDas.Engine" ? EngineLoadContext.Instance.LoadFromAssemblyName(name) : null;
}
