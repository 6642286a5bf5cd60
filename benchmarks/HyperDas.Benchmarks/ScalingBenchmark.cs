using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.Memory;

namespace HyperDas.Benchmarks;

/// <summary>
/// How a training step's time and what it keeps grow, one size at a time from the reference configuration with the project's reading. The
/// exponent is that of the time between neighbours: 0 where the size costs nothing, 1 where twice the size takes twice the time.
/// </summary>
internal static class ScalingBenchmark
{
    private const int Epochs = 3;

    internal static void Run(Report report)
    {
        Measure(report, "batch", [8, 16, 32, 64], n => new ReferenceConfiguration(batchSize: n), _ => ReferenceConfiguration.OneLayer);
        Measure(report, "length", [1, 2, 4, 8], n => new ReferenceConfiguration(lengthFactor: n), _ => ReferenceConfiguration.OneLayer);
        Measure(
            report, "blocks", [1, 2, 4, 8], _ => new ReferenceConfiguration(), n => ReferenceConfiguration.OneLayer with { Blocks = n });
        Measure(report, "k", [32, 64, 128, 256], _ => new ReferenceConfiguration(),
            n => ReferenceConfiguration.OneLayer with { FeatureDimension = n });
        Measure(
            report, "reflections", [1, 8, 32, 128], _ => new ReferenceConfiguration(),
            n => ReferenceConfiguration.OneLayer with
            {
                Reflections = n, SubspaceInner = ReferenceConfiguration.OneLayer.SubspaceInner / 16
            });
        Dataset(report, [256, 512, 1024, 2048]);
    }

    // A whole epoch with everything that comes before it.
    private static void Dataset(Report report, int[] examples)
    {
        Growth? before = null;
        foreach (int count in examples)
        {
            using ReferenceConfiguration configuration = new(batches: count / ReferenceConfiguration.BatchSize);
            TokenizedExample[] all = [.. configuration.Examples.SelectMany(b => b)];
            long parameters = 0, bytes = 0;
            List<Timing> times = [];
            for (int round = 0; round < Epochs; round++)
            {
                using HyperDasInterpreter interpreter = new(configuration.Model, ReferenceConfiguration.OneLayer, seed: 1);
                using ActivationCache cache = interpreter.CreateCache();
                times.Add(Timing.Once(() => Trainer.Train(interpreter, all,
                    ReferenceConfiguration.Training with { BatchSize = ReferenceConfiguration.BatchSize, Epochs = 1 }, cache)));
                (parameters, bytes) = (interpreter.ParameterCount, cache.Bytes);
            }
            Timing time = Timing.Median(times);
            double? exponent = before is null
                ? null
                : Math.Log(time.ProcessorSeconds * 1e3 / before.ProcessorMilliseconds) / Math.Log((double)count / before.Value);
            report.Add(before = new Growth("dataset", count, time.Seconds * 1e3, time.ProcessorSeconds * 1e3, exponent, parameters, bytes,
                Memory(configuration, ReferenceConfiguration.OneLayer)));
        }
    }

    private static void Measure(
        Report report, string size, int[] values, Func<int, ReferenceConfiguration> configure, Func<int, HypernetworkOptions> options)
    {
        ReferenceConfiguration[] configurations = [.. values.Select(configure)];
        Trained[] trained = [.. values.Select((n, i) => new Trained(configurations[i], options(n)))];
        try
        {
            Timing[] times = Timing.InTurns(
                report.Rounds, [.. trained.Select((one, i) => (Action<int>)(round => one.Step(Batch(configurations[i], round))))]);
            for (int i = 0; i < values.Length; i++)
            {
                double? exponent = i == 0
                    ? null
                    : Math.Log(times[i].ProcessorSeconds / times[i - 1].ProcessorSeconds) / Math.Log((double)values[i] / values[i - 1]);
                report.Add(new Growth(size, values[i], times[i].Seconds * 1e3, times[i].ProcessorSeconds * 1e3, exponent,
                    trained[i].ParameterCount, trained[i].CacheBytes, Memory(configurations[i], options(values[i]))));
            }
        }
        finally
        {
            Array.ForEach(trained, one => one.Dispose());
            Array.ForEach(configurations, one => one.Dispose());
        }
    }

    private static long Memory(ReferenceConfiguration configuration, HypernetworkOptions options)
    {
        TrainingOptions training = ReferenceConfiguration.Training with { BatchSize = configuration.Examples[0].Length };
        MemoryPrediction prediction = MemoryPredictor.Predict(
            configuration.Model, options, [.. configuration.Examples.SelectMany(b => b)], training);
        return prediction.Total - prediction.Runtime - prediction.Examples;
    }

    private static TokenizedExample[] Batch(ReferenceConfiguration configuration, int round) =>
        configuration.Examples[round % configuration.Examples.Length];
}
