using System.Diagnostics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.Pretraining;

namespace HyperDas.Benchmarks;

/// <summary>Pretraining of the bundled target model: tokens a second, and how much of a large matrix product's speed that is.</summary>
internal static class PretrainingBenchmark
{
    private const int WarmUpTokens = 30_000, Tokens = 150_000;

    internal static void Run(Report report)
    {
        PretrainingOptions options = new();
        string data = Path.Combine(Repository.Root(), "examples", "data", "ravel-mini"),
            folder = Directory.CreateTempSubdirectory("hyperdas-benchmark-").FullName;
        using CancellationTokenSource enough = new();
        Clock clock = new(enough);
        try
        {
            Pretrainer.Train([.. RavelReader.Domains(data).Select(d => RavelReader.Read(data, d))], options, folder, progress: clock,
                cancellation: enough.Token);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        report.Add(new Pretraining(
            clock.TokensPerSecond, clock.TokensPerSecond * OperationsPerToken(options) / 1e9, MatrixProduct.PeakByClock()));
    }

    // Three products (forward, gradients of input and weights) of every weight that a token is multiplied with; attention is left out.
    private static double OperationsPerToken(PretrainingOptions o)
    {
        double d = o.HiddenSize, keys = d * o.KeyValueHeadCount / o.HeadCount;
        return 6 * ((o.BlockCount * ((2 * d * d) + (2 * d * keys) + (3 * d * o.InnerSize))) + (d * o.VocabularySize));
    }

    // Reports come from the training's own thread.
    private sealed class Clock(CancellationTokenSource enough) : IProgress<WorkProgress>
    {
        private readonly List<(double Tokens, TimeSpan Time)> _steps = [];
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        internal double TokensPerSecond => (_steps[^1].Tokens - _steps[0].Tokens) / (_steps[^1].Time - _steps[0].Time).TotalSeconds;

        public void Report(WorkProgress value)
        {
            if (value.Status.StartsWith("step", StringComparison.Ordinal) && value.Completed >= WarmUpTokens)
            {
                _steps.Add((value.Completed, _watch.Elapsed));
                if (value.Completed >= Tokens)
                {
                    enough.Cancel();
                }
            }
        }
    }
}
