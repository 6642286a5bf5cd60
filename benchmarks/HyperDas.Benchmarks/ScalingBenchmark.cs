using HyperDas.Engine.Ravel;

namespace HyperDas.Benchmarks;

/// <summary>
/// How a training step's time and what it keeps grow, one size at a time from the reference configuration with the project's reading. The
/// exponent is that of the time between neighbours: 0 where the size costs nothing, 1 where twice the size takes twice the time.
/// </summary>
internal static class ScalingBenchmark
{
    internal static void Run(Report report)
    {
        Measure(report, "batch", [8, 16, 32, 64], n => new ReferenceConfiguration(batchSize: n), _ => ReferenceConfiguration.OneLayer);
        Measure(report, "length", [1, 2, 4, 8], n => new ReferenceConfiguration(lengthFactor: n), _ => ReferenceConfiguration.OneLayer);
        Measure(report, "blocks", [1, 2, 4, 8], _ => new ReferenceConfiguration(), n => ReferenceConfiguration.OneLayer with { Blocks = n });
        Measure(report, "k", [32, 64, 128, 256], _ => new ReferenceConfiguration(), n => ReferenceConfiguration.OneLayer with { FeatureDimension = n });
        Measure(
            report, "reflections", [1, 8, 32, 128], _ => new ReferenceConfiguration(),
            n => ReferenceConfiguration.OneLayer with { Reflections = n, SubspaceInner = ReferenceConfiguration.OneLayer.SubspaceInner / 16 });
    }

    private static void Measure(Report report, string size, int[] values, Func<int, ReferenceConfiguration> configure, Func<int, HypernetworkOptions> options)
    {
        ReferenceConfiguration[] configurations = [.. values.Select(configure)];
        Trained[] trained = [.. values.Select((n, i) => new Trained(configurations[i], options(n)))];
        try
        {
            Timing[] times = Timing.InTurns(report.Rounds, [.. trained.Select((one, i) => (Action<int>)(round => one.Step(Batch(configurations[i], round))))]);
            for (int i = 0; i < values.Length; i++)
            {
                double? exponent = i == 0 ? null : Math.Log(times[i].ProcessorSeconds / times[i - 1].ProcessorSeconds) / Math.Log((double)values[i] / values[i - 1]);
                report.Add(new Growth(size, values[i], times[i].Seconds * 1e3, times[i].ProcessorSeconds * 1e3, exponent, trained[i].ParameterCount, trained[i].CacheBytes));
            }
        }
        finally
        {
            Array.ForEach(trained, one => one.Dispose());
            Array.ForEach(configurations, one => one.Dispose());
        }
    }

    private static TokenizedExample[] Batch(ReferenceConfiguration configuration, int round) => configuration.Examples[round % configuration.Examples.Length];
}
