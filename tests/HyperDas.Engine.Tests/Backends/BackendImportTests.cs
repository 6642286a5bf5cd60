using System.Reflection;
using Xunit;

namespace HyperDas.Engine.Tests.Backends;

/// <summary>
/// TorchSharp's native half finds in libtorch everything that it asks of it, on every system that the packages are for: a pair that doesn't
/// fit loads nowhere, and the system's message names neither (dotnet/TorchSharp#1567).
/// </summary>
public sealed class BackendImportTests
{
    [SkippableTheory]
    [InlineData("win-x64", "LibTorchSharp.dll", new[] { "c10.dll", "torch_cpu.dll", "torch.dll" }, 1000)]
    [InlineData("linux-x64", "libLibTorchSharp.so", new[] { "libc10.so", "libtorch_cpu.so", "libtorch.so" }, 1000)]
    [InlineData("osx-arm64", "libLibTorchSharp.dylib", new[] { "libc10.dylib", "libtorch_cpu.dylib", "libtorch.dylib" }, 1000)]
    public void Libtorch_offers_what_TorchSharp_asks_of_it(string platform, string binding, string[] libraries, int atLeast)
    {
        string version = Packages("TorchSharpVersion");
        string asking = Path.Combine(Packages("NuGetPackageRoot"), "torchsharp", version, "runtimes", platform, "native", binding);
        string[] folders = Folders(platform);
        Dictionary<string, string> files = libraries
            .Select(name => folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists))
            .OfType<string>()
            .ToDictionary(path => Path.GetFileName(path), StringComparer.OrdinalIgnoreCase);
        Skip.IfNot(File.Exists(asking) && files.Count == libraries.Length, $"the packages of {platform} weren't restored");

        Dictionary<string, NativeSymbols> offers = files.ToDictionary(
            f => f.Key, f => NativeSymbols.Read(f.Value), StringComparer.OrdinalIgnoreCase);
        HashSet<string> all = [.. offers.Values.SelectMany(o => o.Offered)];
        (string? Library, string Symbol)[] wanted =
            [.. NativeSymbols.Read(asking).Wanted.Where(w => w.Library is null ? IsOfTorch(w.Symbol) : offers.ContainsKey(w.Library))];
        string[] missing =
            [.. wanted.Where(w => !(w.Library is null ? all : offers[w.Library].Offered).Contains(w.Symbol)).Select(w => w.Symbol)];

        Assert.True(wanted.Length >= atLeast, $"only {wanted.Length} symbols are asked for");
        Assert.True(missing.Length == 0, $"{missing.Length} of {wanted.Length} are missing, e.g. {string.Join(", ", missing.Take(5))}");
    }

    /// <summary>
    /// On macOS the libraries of libtorch look for each other in the folders of the machine that built them, and for OpenMP in
    /// Homebrew's. The loader finds what is loaded already by the name that it is asked for, so each must have been loaded, and under
    /// that name.
    /// </summary>
    [SkippableFact]
    public void Libraries_of_macOS_need_no_other_than_the_systems_and_those_that_are_loaded_before_them()
    {
        string[] files =
        [
            .. new[] { "libomp.dylib", "libc10.dylib", "libtorch_cpu.dylib", "libtorch.dylib" }
                .Select(name => Folders("osx-arm64").Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists))
                .OfType<string>(),
        ];
        Skip.IfNot(files.Length == 4, "the packages of osx-arm64 weren't restored");

        HashSet<string> loaded = [];
        foreach (MachOLibrary library in files.Select(MachOLibrary.Read))
        {
            Assert.DoesNotContain(library.Needs, name => !name.StartsWith("/usr/lib/", StringComparison.Ordinal)
                && !name.StartsWith("/System/", StringComparison.Ordinal) && !loaded.Contains(name));
            loaded.Add(library.Name);
        }
    }

    private static string[] Folders(string platform) =>
        [.. Directory.GetDirectories(Packages("NuGetPackageRoot"), $"libtorch-cpu-{platform}*")
            .SelectMany(package => Directory.GetDirectories(package))
            .Select(package => Path.Combine(package, "runtimes", platform, "native"))
            .Where(Directory.Exists)];

    // On Linux a symbol doesn't say which library it is for; the C++ name says whose it is.
    private static bool IsOfTorch(string symbol) => symbol.Contains("2at", StringComparison.Ordinal)
        || symbol.Contains("3c10", StringComparison.Ordinal) || symbol.Contains("5torch", StringComparison.Ordinal);

    private static string Packages(string name) =>
        typeof(BackendImportTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == name).Value!;
}
