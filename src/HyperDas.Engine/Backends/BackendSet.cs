using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Backends;

/// <summary>The packages that together make libtorch for one platform.</summary>
/// <param name="RuntimeIdentifier">Platform, e.g. <c>linux-x64</c>.</param>
/// <param name="Packages">What it consists of.</param>
public sealed record BackendSet(string RuntimeIdentifier, IReadOnlyList<BackendPackage> Packages)
{
    private const string LibtorchVersion = "2.10.0";

    private static readonly BackendPackage s_binding = new(
        "torchsharp", TorchPlace.TorchSharpVersion, "fPXVTF5bUGX7lQqSafcP2W9n3ehuFNKCch7JYghGnEDdDyjOMxtuk0/JJWNiwI82Cw4Lmx3HN7MCoSFFRZeWig==");

    /// <summary>The sets for the processor that this version knows.</summary>
    public static IReadOnlyList<BackendSet> Known { get; } =
    [
        new("linux-x64", [s_binding, new("libtorch-cpu-linux-x64", LibtorchVersion, "XjuaFwqqvwstyeUWyz/xtfhODesmagoPKO7T0VRmiW+r0pJwsXB/vHydA7it9xge36PSXW1qLyRRzvM3J8i9UA==")]),
        new("win-x64", [s_binding, new("libtorch-cpu-win-x64", LibtorchVersion, "qvrEe8b8U1SPnsqShWgJ9gE/UfzFiq+QRPJdAegxwtEBgL/jZPQPvKAhqYkpEe5kb6AXCi840KDqvDaHQuAqEA==")]),
        new("osx-arm64", [s_binding, new("libtorch-cpu-osx-arm64", LibtorchVersion, "njbW4NbjnO3UYsZymJA5EA8kvFQZveW2rVS07QinYOxxgs6hyZFTI82zBDt0ix1yRRCZ+v+fm+pHXG37WKjyhA==")]),
    ];

    /// <summary>The set for a platform.</summary>
    /// <param name="runtimeIdentifier">Platform, e.g. <c>linux-x64</c>.</param>
    /// <exception cref="HyperDasException"><c>PlatformUnsupported</c>.</exception>
    public static BackendSet Of(string runtimeIdentifier) =>
        Known.FirstOrDefault(set => set.RuntimeIdentifier == runtimeIdentifier)
        ?? throw new HyperDasException(
            "PlatformUnsupported",
            HyperDasErrorKind.InvalidArgument,
            $"There is no libtorch for '{runtimeIdentifier}'; known are {string.Join(", ", Known.Select(set => set.RuntimeIdentifier))}.",
            runtimeIdentifier);
}
