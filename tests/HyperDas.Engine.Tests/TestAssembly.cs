using System.Runtime.CompilerServices;
using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Tests;

internal static class TestAssembly
{
    // Tests open dispose scopes before they call the engine, and TorchSharp must not look for libtorch by itself.
    [ModuleInitializer]
    internal static void LoadTorch()
    {
        TorchRuntime.EnsureLoaded();
        // Test tensors are tiny: a second thread only costs.
        TorchSharp.torch.set_num_threads(1);
    }
}
