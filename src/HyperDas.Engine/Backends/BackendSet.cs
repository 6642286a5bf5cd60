using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Backends;

/// <summary>The packages with a platform's native libraries: libtorch and the drawing libraries.</summary>
/// <param name="RuntimeIdentifier">Platform, e.g. <c>linux-x64</c>.</param>
/// <param name="Packages">The packages.</param>
public sealed record BackendSet(string RuntimeIdentifier, IReadOnlyList<BackendPackage> Packages)
{
    private const string LibtorchVersion = "2.10.0", SkiaVersion = "3.119.4", HarfBuzzVersion = "8.3.1.5";

    private static readonly BackendPackage s_binding = new(
        "torchsharp", TorchPlace.TorchSharpVersion,
        "fPXVTF5bUGX7lQqSafcP2W9n3ehuFNKCch7JYghGnEDdDyjOMxtuk0/JJWNiwI82Cw4Lmx3HN7MCoSFFRZeWig==");

    /// <summary>The sets for the processor in this version.</summary>
    public static IReadOnlyList<BackendSet> Known { get; } =
    [
        new("linux-x64",
        [
            s_binding,
            new("libtorch-cpu-linux-x64", LibtorchVersion,
                "XjuaFwqqvwstyeUWyz/xtfhODesmagoPKO7T0VRmiW+r0pJwsXB/vHydA7it9xge36PSXW1qLyRRzvM3J8i9UA=="),
            new("skiasharp.nativeassets.linux.nodependencies", SkiaVersion,
                "Js73OK0R6yhZ3fioJwINjvHOHG4ieQQCbLKXqWHQwWxH4GOHdsiddr4ZAfZc/4HtMMgmQ7p77xZyothpUJbpmQ=="),
            new("harfbuzzsharp.nativeassets.linux", HarfBuzzVersion,
                "h21pH34hj/asUwLg9r9g9oUkhAmINleXfz1dVvcPOr0BvO0YB79xWZ18r9xjO9EI0TSnEuTpexdLLccCfMYpCw=="),
        ]),
        new("win-x64",
        [
            s_binding,
            new("libtorch-cpu-win-x64", LibtorchVersion,
                "qvrEe8b8U1SPnsqShWgJ9gE/UfzFiq+QRPJdAegxwtEBgL/jZPQPvKAhqYkpEe5kb6AXCi840KDqvDaHQuAqEA=="),
            new("skiasharp.nativeassets.win32", SkiaVersion,
                "RFv9fJMFUi44URCmcqQ/Fay/s2tcmFxa9UDbU0+ZzrOn3fkzogWH7gUnsU7fGxnLmxZ+eBvqJ1yis7d9mgJZzw=="),
            new("harfbuzzsharp.nativeassets.win32", HarfBuzzVersion,
                "6Pmlfg3vn+ojrhs6nglE/KMOiWBOZtMCtcoW08kKSi6U62YRrKQ6M5SLvJWGhPdCO/H3VMeezbU3xs3R1NhH3A=="),
        ]),
        new("osx-arm64",
        [
            s_binding,
            new("libtorch-cpu-osx-arm64", LibtorchVersion,
                "njbW4NbjnO3UYsZymJA5EA8kvFQZveW2rVS07QinYOxxgs6hyZFTI82zBDt0ix1yRRCZ+v+fm+pHXG37WKjyhA=="),
            new("skiasharp.nativeassets.macos", SkiaVersion,
                "UYhxM3U3o/ogRTDXAmW4/cyBvinejIhxtqIFJpgjcsxPVuIY5VLgxs83ePuOBfNBu7t/WehTF+w4EL5sdiBkDg=="),
            new("harfbuzzsharp.nativeassets.macos", HarfBuzzVersion,
                "zA9QpsWDB0uCntqer+QJUtFQoRJO9hPob7fBb4DzWI08cqsnALEkSRnfS4x/mK7KWqHIT24As7t4a7hUG622BA=="),
        ]),
    ];

    /// <summary>The set for a platform.</summary>
    /// <param name="runtimeIdentifier">Platform, e.g. <c>linux-x64</c>.</param>
    /// <param name="kind">Kind of device.</param>
    /// <exception cref="HyperDasException"><c>PlatformUnsupported</c>; <c>BackendUnverified</c>: packages whose hashes this
    /// version doesn't know.</exception>
    public static BackendSet Of(string runtimeIdentifier, BackendKind kind = BackendKind.Cpu) => kind == BackendKind.Cpu
        ? Cpu(runtimeIdentifier)
        : throw Unverified(runtimeIdentifier);

    private static HyperDasException Unverified(string runtimeIdentifier)
    {
        (string? package, string? property) = runtimeIdentifier switch
        {
            "linux-x64" => ("libtorch-cuda-12.8-linux-x64", "cuda-linux"),
            "win-x64" => ("libtorch-cuda-12.8-win-x64", "cuda-windows"),
            _ => (null, null),
        };
        return package is null
            ? new HyperDasException(
                "PlatformUnsupported", HyperDasErrorKind.InvalidArgument,
                $"There is no CUDA backend for '{runtimeIdentifier}', only for linux-x64 and win-x64.", runtimeIdentifier)
            : new HyperDasException(
                "BackendUnverified", HyperDasErrorKind.ResourceUnavailable,
                $"The CUDA backend is '{package}' {LibtorchVersion} with its dependencies. This version doesn't know their hashes and installs nothing that it can't verify. " +
                $"Build the repository with -p:TorchBackend={property}, which gets them from NuGet, and set {TorchRuntime.FolderVariable} to that build's folder artifacts/native/{runtimeIdentifier}-{property}.",
                package);
    }

    private static BackendSet Cpu(string runtimeIdentifier) =>
        Known.FirstOrDefault(set => set.RuntimeIdentifier == runtimeIdentifier)
        ?? throw new HyperDasException(
            "PlatformUnsupported",
            HyperDasErrorKind.InvalidArgument,
            $"There is no backend for '{runtimeIdentifier}', only for {string.Join(", ", Known.Select(set => set.RuntimeIdentifier))}.",
            runtimeIdentifier);
}
