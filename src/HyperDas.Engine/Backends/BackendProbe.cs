using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Backends;

/// <summary>Tests the libtorch of this process.</summary>
public static class BackendProbe
{
    /// <summary>The number formats in which this processor computes models, with the reason.</summary>
    public static string Formats() => InstructionSet.Current is { MultipliesBFloat16: true } able
        ? $"The processor ({able.Name}) has instructions for bfloat16 products: models stored in bfloat16 are held and computed in bfloat16."
        : $"The processor ({InstructionSet.Current.Name}) has no instructions for bfloat16 products: models stored in bfloat16 are computed in float32, and held in float32 if there is enough memory.";

    /// <summary>Loads libtorch if it isn't loaded yet, and multiplies two matrices.</summary>
    /// <returns>Sentences that describe problems; empty if there are none.</returns>
    public static IReadOnlyList<string> Problems()
    {
        try
        {
            TorchRuntime.EnsureLoaded();
            using DisposeScope scope = NewDisposeScope();
            float sum = eye(3).matmul(ones(3, 2)).sum().item<float>();
            return sum == 6 ? [] : [$"libtorch in '{TorchRuntime.Folder}' computes {sum} as the sum of six ones."];
        }
        catch (HyperDasException error) when (error.ErrorId is "TorchBackendNotFound" or "TorchBackendIncompatible")
        {
            return [error.Message];
        }
    }
}
