using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Backends;

/// <summary>Tries the libtorch that this process uses.</summary>
public static class BackendProbe
{
    /// <summary>Loads libtorch, unless that has happened, and multiplies two matrices.</summary>
    /// <returns>Sentences that say what is wrong; none when all is well.</returns>
    public static IReadOnlyList<string> Problems()
    {
        try
        {
            TorchRuntime.EnsureLoaded();
            using DisposeScope scope = NewDisposeScope();
            float sum = eye(3).matmul(ones(3, 2)).sum().item<float>();
            return sum == 6 ? [] : [$"libtorch in '{TorchRuntime.Folder}' says that six ones sum to {sum}."];
        }
        catch (HyperDasException error) when (error.ErrorId is "TorchBackendNotFound" or "TorchBackendIncompatible")
        {
            return [error.Message];
        }
    }
}
