using HyperDas.Engine.Experiments;

namespace HyperDas.Benchmarks;

/// <summary>
/// Memory of whole experiments on what the repository bundles, from making the examples to the scores, against what
/// <c>Test-HyperDasExperiment</c> predicts for them; each in a separate process.
/// </summary>
internal static class ExperimentMemoryBenchmark
{
    internal const string Kind = "experiment";

    private static readonly Dictionary<string, (string File, string[] Set)> s_cases = new()
    {
        ["quickstart"] = ("quickstart", ["training.maxSteps=500"]),
        ["quickstart, float32"] = ("quickstart", ["training.maxSteps=300", "target.dtype=float32"]),
        ["quickstart, batch 128"] = ("quickstart", ["training.maxSteps=150", "training.batchSize=128"]),
        ["quickstart, float32, batch 128"] = ("quickstart", ["training.maxSteps=150", "training.batchSize=128", "target.dtype=float32"]),
        ["city, batch 64"] = ("city", ["training.maxSteps=300", "training.batchSize=64"]),
        ["all domains"] = ("all-domains", ["training.maxSteps=300"]),
    };

    internal static void Run(Report report)
    {
        foreach (string name in s_cases.Keys)
        {
            double[] numbers = Child.Numbers(Kind, name);
            report.Add(new MemoryFigure(name, (long)numbers[0], (long)numbers[1], 0));
        }
    }

    /// <summary>Runs one case and prints two numbers.</summary>
    /// <param name="name">Its name.</param>
    internal static void RunCase(string name)
    {
        (string file, string[] set) = s_cases[name];
        string folder = Directory.CreateTempSubdirectory("hyperdas-benchmark-").FullName;
        try
        {
            ExperimentRun run = ExperimentReader.Read(
                Path.Combine(Repository.Root(), "configs", file + ".yaml"),
                new ExperimentReadOptions { Set = set, OutputPath = folder }).Single();
            MemoryPrediction prediction = new ExperimentMemory().Predict(run.Settings)!;
            Console.Error.WriteLine($"{name}: {prediction}");
            using ExperimentRunner runner = new();
            runner.Run(run);
            Console.WriteLine(FormattableString.Invariant($"{prediction.Total} {ProcessMemory.Peak()}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
