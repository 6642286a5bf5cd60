using System.Globalization;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Training.Memory;

namespace HyperDas.Benchmarks;

/// <summary>
/// What trainings of HyperDAS on published shapes would take, full and compact, by the product's own prediction, as a
/// table for docs/performance.md.
/// </summary>
internal static class PredictionTable
{
    private const int BatchSize = 4, PromptTokens = 32, Examples = 6000, FeatureDimension = 128;
    private static readonly int[] s_sizes = [16, 24, 48, 80];

    internal static void Print()
    {
        Console.WriteLine("| shape | interpreter | numbers in | model | interpreter | hidden states | step | in all | fits | on disk, MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach ((string name, ModelConfig config) in ModelShapes.All)
        {
            foreach (bool compact in (bool[])[false, true])
            {
                foreach (ModelDtype dtype in (ModelDtype[])[ModelDtype.Float32, ModelDtype.BFloat16])
                {
                    Row(name, config, compact, dtype);
                }
            }
        }
    }

    private static void Row(string name, ModelConfig config, bool compact, ModelDtype dtype)
    {
        HypernetworkOptions asked = new()
        {
            Layer = (config.BlockCount / 2) - 1, FeatureDimension = FeatureDimension, AdapterRank = compact ? null : 0
        };
        TrainingOptions training = CompactDefaults.Settle(config, asked, new TrainingOptions { BatchSize = BatchSize });
        HypernetworkOptions network = (HypernetworkOptions)CompactDefaults.Settle(config, asked);
        NumberFormat format = new(dtype, dtype, "for the table", Automatic: false);
        MemoryPrediction p = MemoryPredictor.Predict(
            config, WeightShapes.Count(config), format, network, Examples * PromptTokens, Examples * PromptTokens, Examples, training,
            new StepShape(BatchSize, PromptTokens, PromptTokens - 4, PromptTokens - 4, 16, 2));
        HypernetworkSize size = HypernetworkSize.Of(HypernetworkShape.Of(config, network), network);
        double all = p.Total / (double)(1L << 30);
        string fits = string.Join(", ", s_sizes.Where(size => all <= size));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name.ToUpperInvariant()} | {(compact ? "compact" : "full")} | {dtype.ToString().ToLowerInvariant()} | {GiB(p.Model)} | {GiB(p.Interpreter)} | {GiB(p.Cache)} | {GiB(p.Step)} | **{all:N1}** | {(fits.Length == 0 ? "none" : fits)} | {Disk(config, size) / 1e6:N0} |"));
    }

    // Exported in bfloat16, the rotation and the fixed square matrix that it begins from in float32.
    private static double Disk(ModelConfig config, HypernetworkSize size)
    {
        double width = config.HiddenSize, rotation = width * FeatureDimension;
        return ((size.Total - rotation) * 2) + ((rotation + (width * width)) * sizeof(float));
    }

    private static string GiB(long bytes) => (bytes / (double)(1L << 30)).ToString("N1", CultureInfo.InvariantCulture);
}
