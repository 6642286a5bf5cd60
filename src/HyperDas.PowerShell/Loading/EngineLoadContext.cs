using System.Reflection;
using System.Runtime.Loader;

namespace HyperDas.Loading;

/// <summary>
/// The private room of the engine and its dependencies (<c>bin/lib</c>), so that another module's version of the same assembly can't
/// get in the way. Abstractions are handed back from the default context: they are the types that both sides share.
/// </summary>
internal sealed class EngineLoadContext : AssemblyLoadContext
{
    private const string TorchFolderVariable = "HYPERDAS_TORCH_HOME";
    private static readonly string[] s_torchNames = ["LibTorchSharp", "torch", "torch_cpu", "c10"];

    private readonly string _libraries;
    private readonly string _natives;

    private EngineLoadContext(string folder)
        : base("HyperDas", isCollectible: false)
    {
        _libraries = Path.Combine(folder, "lib");
        string? chosen = Environment.GetEnvironmentVariable(TorchFolderVariable);
        _natives = string.IsNullOrEmpty(chosen) ? Path.Combine(folder, "native") : chosen;
    }

    public static EngineLoadContext Instance { get; } = new(Path.GetDirectoryName(typeof(EngineLoadContext).Assembly.Location)!);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == "HyperDas.Abstractions")
        {
            return typeof(ModelHandle).Assembly;
        }
        string file = Path.Combine(_libraries, assemblyName.Name + ".dll");
        return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string file = Path.Combine(_natives, FileName(unmanagedDllName));
        if (File.Exists(file))
        {
            return LoadUnmanagedDllFromPath(file);
        }
        // Returning zero would send the loader to the system, which may hold a libtorch of another version.
        return s_torchNames.Contains(unmanagedDllName)
            ? throw new HyperDasException(
                "TorchBackendNotFound",
                HyperDasErrorKind.NotInstalled,
                $"'{file}' doesn't exist. Build the solution once, or point {TorchFolderVariable} at a folder with libtorch.",
                file)
            : 0;
    }

    private static string FileName(string name) =>
        name.Contains('.', StringComparison.Ordinal) ? name
        : OperatingSystem.IsWindows() ? name + ".dll"
        : OperatingSystem.IsMacOS() ? "lib" + name + ".dylib"
        : "lib" + name + ".so";
}
