using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Tests;

internal static class TorchModule
{
    /// <summary>Tests touch <c>torch</c> directly, in any order: libtorch must come from the right place before the first of them.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A test assembly has no other start.")]
    internal static void LoadTorch() => TorchRuntime.EnsureLoaded();
}
