using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Backends;

/// <summary>Tries the libtorch that this process uses.</summary>
public static class BackendProbe
{
    /// <summary>Which number formats models are computed in here, and why.</summary>
    public static string Formats() => InstructionSet.Current is { MultipliesBFloat16: true } able
        ? $"The processor ({able.Name}) has instructions for bfloat16 products: models that are stored in bfloat16 are held and computed in it."
        : $"The processor ({InstructionSet.Current.Name}) has no instructions for bfloat16 products: models that are stored in it are computed in float32, and held in it where there is room.";

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
