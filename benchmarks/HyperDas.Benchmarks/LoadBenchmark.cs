using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;

namespace HyperDas.Benchmarks;

/// <summary>Loading a checkpoint of 1.1 GB in the published layout, against reading its bytes from the page cache.</summary>
internal static class LoadBenchmark
{
    private const int Rounds = 7;

    private static ModelConfig Config { get; } = ModelShapes.All["8b"] with
    {
        VocabularySize = 32000, HiddenSize = 2048, HeadCount = 16, InnerWidth = 7168, BlockCount = 8, EosTokenIds = [1], BosTokenId = 0
    };

    internal static void Run(Report report)
    {
        string folder = Directory.CreateTempSubdirectory("hyperdas-benchmark-").FullName;
        try
        {
            LargeCheckpoint.Write(folder, Config);
            double gigabytes = Directory.GetFiles(folder, "*.safetensors").Sum(f => new FileInfo(f).Length) / 1e9;
            byte[] buffer = new byte[16 << 20];
            List<Timing>[] samples = [[], []];
            for (int i = 0; i < Rounds; i++)
            {
                LanguageModel? model = null;
                samples[0].Add(Timing.Once(() => model = LanguageModel.Load(folder)));
                model!.Dispose();
                samples[1].Add(Timing.Once(() => LargeCheckpoint.Read(folder, buffer)));
            }
            Timing[] times = [.. samples.Select(Timing.Median)];
            report.Add("load", FormattableString.Invariant(
                $"{gigabytes:F2} GB of bfloat16 weights at {gigabytes / times[0].Seconds:F2} GB/s; reference: reading the files into one buffer again and again, {gigabytes / times[1].Seconds:F2} GB/s"),
                times[0], times[1]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
