using System.Globalization;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using TorchSharp;

namespace HyperDas.Benchmarks;

/// <summary>Whether thousands of steps take more memory than the first hundreds: resident memory and live tensors of a training, in a process of its own.</summary>
internal static class LongTrainingBenchmark
{
    /// <summary>The argument that asks for the training.</summary>
    internal const string Case = "memory-of-steps";

    private const int Steps = 5000, Settled = 500, BatchSize = 4;

    internal static void Run(Report report)
    {
        long[] numbers = [.. Repository.InProcessOfItsOwn(Case).Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture))];
        report.Add(new LongTraining(Settled, numbers[0], Steps, numbers[1], numbers[2], numbers[3]));
    }

    /// <summary>Trains and prints resident bytes after some steps and after all, and live tensors at both times.</summary>
    internal static void RunCase()
    {
        using ReferenceConfiguration configuration = new(BatchSize);
        TokenizedExample[] examples = [.. configuration.Examples.SelectMany(b => b)];
        using HyperDasInterpreter interpreter = new(configuration.Model, ReferenceConfiguration.OneLayer with { SubspaceInner = 256, FeatureDimension = 16 }, seed: 1);
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
