using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using TorchSharp;

namespace HyperDas.Benchmarks;

/// <summary>
/// Whether thousands of steps take more memory than the first hundreds: resident memory and live tensors of a
/// training, in a separate process.
/// </summary>
internal static class LongTrainingBenchmark
{
    internal const string Kind = "steps";

    private const int Steps = 5000, Settled = 500, BatchSize = 4;

    internal static void Run(Report report)
    {
        double[] numbers = Child.Numbers(Kind);
        report.Add(new LongTraining(Settled, (long)numbers[0], Steps, (long)numbers[1], (long)numbers[2], (long)numbers[3]));
    }

    /// <summary>Trains and prints resident bytes after some steps and after all, and live tensors at both times.</summary>
    internal static void RunCase()
    {
        TorchRuntime.EnsureLoaded();
        using ReferenceConfiguration configuration = new(BatchSize);
        TokenizedExample[] examples = [.. configuration.Examples.SelectMany(b => b)];
        using HyperDasInterpreter interpreter = new(
            configuration.Model, ReferenceConfiguration.OneLayer with { SubspaceInner = 256, FeatureDimension = 16 }, seed: 1);
        TrainingOptions options = ReferenceConfiguration.Training with { BatchSize = BatchSize, Epochs = Steps, MaxSteps = Steps };
        (long memory, long tensors) settled = default, end = default;
        using ActivationCache cache = interpreter.CreateCache();
        Trainer.Train(interpreter, examples, options, cache, step =>
        {
            if (step.Step == Settled)
            {
                settled = Now();
            }
            else if (step.Step == Steps)
            {
                end = Now();
            }
        });
        Console.WriteLine(FormattableString.Invariant($"{settled.memory} {end.memory} {settled.tensors} {end.tensors}"));

        static (long Memory, long Tensors) Now()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return (Environment.WorkingSet, torch.Tensor.TotalCount);
        }
    }
}
