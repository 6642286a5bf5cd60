using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>
/// Memory of trainings against what is predicted of them; each case in a process of its own, since memory isn't given back.
/// </summary>
internal static class MemoryBenchmark
{
    internal const string Kind = "memory";

    private static readonly Dictionary<string, Case> s_cases = new()
    {
        ["reference"] = new(16, 1, ReferenceConfiguration.OneLayer),
        ["all layers"] = new(16, 1, ReferenceConfiguration.Original),
        ["batch 128"] = new(128, 1, ReferenceConfiguration.OneLayer),
        ["prompts 8 times as long"] = new(16, 8, ReferenceConfiguration.OneLayer),
        ["64 reflections"] = new(16, 1, ReferenceConfiguration.OneLayer with { Reflections = 64, SubspaceInner = 1792 }),
        ["generated, k 32"] = new(
            16, 1, ReferenceConfiguration.OneLayer with { Subspace = SubspaceKind.Generated, FeatureDimension = 32, SubspaceInner = 1792 }),
        ["4 blocks, layer 1"] = new(64, 2, ReferenceConfiguration.OneLayer with { Blocks = 4, Layer = 1, SubspaceInner = 896 }),
        ["batch 128, limit 200 MiB"] = new(128, 1, ReferenceConfiguration.OneLayer, 200L << 20),
    };

    private sealed record Case(int BatchSize, int LengthFactor, HypernetworkOptions Options, long? Limit = null);

    internal static void Run(Report report)
    {
        foreach (string name in s_cases.Keys)
        {
            double[] numbers = Child.Numbers(Kind, name);
            report.Add(new MemoryFigure(name, (long)numbers[0], (long)numbers[1], (long)numbers[2]));
        }
    }

    /// <summary>Trains one case and prints three numbers.</summary>
    /// <param name="name">Its name.</param>
    internal static void RunCase(string name)
    {
        TorchRuntime.EnsureLoaded();
        Case one = s_cases[name];
        using (NewDisposeScope())
        {
            rand(64, 64, requires_grad: true).matmul(rand(64, 64)).sum().backward();
        }
        using ReferenceConfiguration configuration = new(one.BatchSize, one.LengthFactor);
        long before = Environment.WorkingSet - (configuration.Model.ParameterCount * sizeof(float));
        TokenizedExample[] examples = [.. configuration.Examples.SelectMany(b => b)];
        TrainingOptions options =
            ReferenceConfiguration.Training with { BatchSize = one.BatchSize, Epochs = 1, MemoryLimit = one.Limit, MaxSteps = 12 };
        MemoryPrediction prediction = MemoryPredictor.Predict(configuration.Model, one.Options, examples, options);
        using HyperDasInterpreter interpreter = new(configuration.Model, one.Options, seed: 1);
        Trainer.Train(interpreter, examples, options);
        Console.Error.WriteLine($"{name}: {prediction}");
        Console.WriteLine(FormattableString.Invariant(
            $"{prediction.Total - prediction.Runtime - prediction.Examples} {ProcessMemory.Peak() - before} {before}"));
    }
}
