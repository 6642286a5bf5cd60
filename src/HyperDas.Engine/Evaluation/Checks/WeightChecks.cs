using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>Checks that a model's weights are finite, and the same after saving and loading.</summary>
internal static class WeightChecks
{
    /// <summary>Whether every weight is finite.</summary>
    /// <param name="model">The model.</param>
    public static CheckStep Finite(LanguageModel model) => new("FiniteWeights", stop =>
    {
        model.ThrowIfDisposed();
        List<string> damaged = [];
        int total = 0;
        foreach (KeyValuePair<string, Tensor> weight in model.NamedWeights)
        {
            stop.ThrowIfCancellationRequested();
            total++;
            if (FiniteCheck.FirstNonFinite([weight]) is string name)
            {
                damaged.Add(name);
            }
        }
        return new ModelCheck
        {
            Name = "FiniteWeights",
            Model = model.Name,
            Passed = damaged.Count == 0,
            Required = true,
            Count = damaged.Count,
            Total = total,
            Compares = "tensors with a value that isn't finite",
            Detail = damaged.Count == 0
                ? $"All {total} tensors are finite."
                : $"{damaged.Count} of {total} tensors have values that aren't finite; the first is '{damaged[0]}'.",
        };
    });

    /// <summary>Whether weights and configuration are the same after saving and loading, bit for bit.</summary>
    /// <param name="model">The model.</param>
    public static CheckStep Saved(LanguageModel model) => new("SavedEqualsLoaded", stop =>
    {
        model.ThrowIfDisposed();
        Difference difference = default;
        using TemporaryFolder folder = new();
        model.Config.Save(folder.Path);
        ModelConfig read = ModelConfigFile.Load(folder.Path);
        bool same = read == model.Config;
        difference.Add(same ? 0 : double.PositiveInfinity, $"{ModelConfig.FileName}, which differs after saving");
        string file = Path.Combine(folder.Path, ModelCheckpoint.SingleFileName);
        // One at a time, so that the disk needs space only for the largest.
        foreach ((string name, Tensor weight) in model.NamedWeights)
        {
            stop.ThrowIfCancellationRequested();
            difference.Add(SavedDifference(file, name, weight), $"'{name}'");
        }
        return difference.ToCheck(
            "SavedEqualsLoaded", model.Name, tolerance: 0,
            "weights and configuration in memory with those read back after saving, bit for bit");
    });

    /// <summary>Saves one tensor, reads it and compares both: 0 when all bits are the same.</summary>
    /// <param name="file">Temporary file.</param>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="weight">The tensor.</param>
    internal static double SavedDifference(string file, string name, Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        SafetensorsWriter.Write(file, [new(name, weight)]);
        using SafetensorsFile saved = SafetensorsFile.Open(file);
        Tensor loaded = saved.Load(name, device: weight.device);
        if (loaded.dtype == weight.dtype && loaded.shape.AsSpan().SequenceEqual(weight.shape) && loaded.eq(weight).all().item<bool>())
        {
            return 0;
        }
        Difference difference = default;
        difference.Add(weight.reshape(1, -1), loaded.reshape(1, -1), name);
        // Not equal and no difference: NaN.
        return difference.Largest == 0 ? double.NaN : difference.Largest;
    }
}
