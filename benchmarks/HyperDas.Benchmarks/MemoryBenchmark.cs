using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.Memory;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>
/// Compares the memory of trainings with the prediction; each case in a separate process, because memory isn't returned.
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
        ["llama, 64 M weights"] = OfFamily("llama"),
        ["gpt2, 64 M weights"] = OfFamily("gpt2"),
        ["gemma2, 64 M weights"] = OfFamily("gemma2"),
        ["qwen3, 64 M weights"] = OfFamily("qwen3"),
        ["gpt_neox, 64 M weights"] = OfFamily("gpt_neox"),
        ["olmo2, 64 M weights"] = OfFamily("olmo2"),
        ["gpt2, batch 128"] = OfFamily("gpt2") with { BatchSize = 128 },
        ["gemma2, batch 128"] = OfFamily("gemma2") with { BatchSize = 128 },
        ["gpt_neox, batch 128"] = OfFamily("gpt_neox") with { BatchSize = 128 },
        ["olmo2, batch 128"] = OfFamily("olmo2") with { BatchSize = 128 },
    };

    // Width 640, 10 blocks: large enough that weights and steps are most of it.
    private static readonly NewModelSizes s_sizes = new(8192, 640, 10, 10, 5, 2560, 256, 8190, 8191);

    private sealed record Case(int BatchSize, int LengthFactor, HypernetworkOptions Options, long? Limit = null, string? Family = null);

    private static Case OfFamily(string family) =>
        new(32, 1, ReferenceConfiguration.OneLayer with { SubspaceInner = 1792 }, Family: family);

    private static ModelConfig ConfigOf(string family)
    {
        string? sketch = ModelFamily.All.First(f => f.Type == family).Sketch(s_sizes);
        string json = sketch ?? JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = family,
            ["vocab_size"] = s_sizes.Vocabulary,
            ["hidden_size"] = s_sizes.Hidden,
            ["num_hidden_layers"] = s_sizes.Blocks,
            ["num_attention_heads"] = s_sizes.Heads,
            ["intermediate_size"] = s_sizes.Inner,
            ["max_position_embeddings"] = s_sizes.Positions,
            ["bos_token_id"] = s_sizes.Bos,
            ["eos_token_id"] = s_sizes.Eos,
        });
        using JsonDocument document = JsonDocument.Parse(json);
        return ModelFamily.Read(document.RootElement, family);
    }

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
        using ReferenceConfiguration configuration = new(
            one.BatchSize, one.LengthFactor, batches: one.Family is null ? 16 : 2,
            config: one.Family is { } family ? ConfigOf(family) : null);
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
