using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>
/// How far a training step is from what the machine could do: its arithmetic at the speed of a large matrix product of the same number
/// format, plus its traffic at the speed of a large copy, both measured here and now.
/// </summary>
internal static class LimitBenchmark
{
    private const int CopiedNumbers = 1 << 26, Size = 1024;

    internal static void Run(ReferenceConfiguration configuration, Report report)
    {
        using Trained trained = new(configuration, ReferenceConfiguration.OneLayer);
        StepArithmetic arithmetic = new(configuration.Model.Config, ReferenceConfiguration.OneLayer);
        double operations = configuration.Examples.Average(b => arithmetic.Operations(b)),
            bytes = StepArithmetic.Bytes(trained.ParameterCount);
        using DisposeScope scope = NewDisposeScope();
        Tensor a = rand(Size, Size), b = rand(Size, Size), c = empty(Size, Size), from = rand(CopiedNumbers), to = empty(CopiedNumbers);
        Timing[] times = Timing.InTurns(
            report.Rounds,
            round => trained.Step(Batch(round)),
            _ => c.addmm_(a, b, beta: 0, alpha: 1),
            _ => to.copy_(from));
        double speed = 2.0 * Size * Size * Size / times[1].Seconds, bandwidth = 2.0 * CopiedNumbers * sizeof(float) / times[2].Seconds;
        report.Add(new Limit("train.step.oneLayer", times[0].Seconds * 1e3, operations / 1e9, bytes / 1e6, speed / 1e9, bandwidth / 1e9));

        TokenizedExample[] Batch(int round) => configuration.Examples[round % configuration.Examples.Length];
    }
}
