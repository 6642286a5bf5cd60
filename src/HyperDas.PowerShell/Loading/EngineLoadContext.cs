using System.Reflection;
using System.Runtime.Loader;
using HyperDas.Engine.Numerics;

namespace HyperDas.Loading;

/// <summary>
/// The load context of the engine and its dependencies (<c>bin/lib</c>), which isolates them from other modules' versions of the same
/// assemblies. Abstractions are resolved from the default context: they are the types that both sides share.
/// </summary>
internal sealed class EngineLoadContext : AssemblyLoadContext
{
    private static readonly string[] s_torchNames = ["LibTorchSharp", "torch", "torch_cpu", "c10"];

    private readonly string _libraries;
    private readonly string _natives;

    private EngineLoadContext(string folder)
        : base("HyperDas", isCollectible: false)
    {
        _libraries = Path.Combine(folder, "lib");
        _natives = Path.Combine(folder, "native");
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
        string name = FileName(unmanagedDllName);
        if (s_torchNames.Contains(unmanagedDllName))
        {
            string torch = Path.Combine(TorchFolder(), name);
            // Zero would delegate to the system, which may have another version of libtorch.
            return File.Exists(torch)
                ? LoadUnmanagedDllFromPath(torch)
                : throw new HyperDasException("TorchBackendNotFound", HyperDasErrorKind.NotInstalled,
                    $"'{torch}' doesn't exist. Install-HyperDasBackend -Force installs libtorch again.", torch);
        }
        // The drawing library is in the module's folder after a build, and next to an installed libtorch in a module without natives.
        string? file = TorchRuntime.Places().Prepend(_natives).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return file is null ? 0 : LoadUnmanagedDllFromPath(file);
    }

    // The engine selects and loads libtorch before TorchSharp needs it.
    private static string TorchFolder()
    {
        // Must be set before the first call into it, which happens while it is being loaded.
        if (TorchRuntime.Folder is null)
        {
            TorchRuntime.EnsureLoaded();
        }
        return TorchRuntime.Folder!;
    }

    private static string FileName(string name) =>
        name.Contains('.', StringComparison.Ordinal) ? name
        : OperatingSystem.IsWindows() ? name + ".dll"
        : Prefixed(name) + (OperatingSystem.IsMacOS() ? ".dylib" : ".so");

    // SkiaSharp requests libSkiaSharp on every system, TorchSharp LibTorchSharp, whose file is libLibTorchSharp.so.
    private static string Prefixed(string name) => name.StartsWith("lib", StringComparison.Ordinal) ? name : "lib" + name;
}
