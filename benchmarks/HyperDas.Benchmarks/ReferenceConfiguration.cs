using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>
/// What everything is measured on: a Llama of random weights with hidden width 256, 8 blocks, 8 query heads and 4 key/value heads, inner
/// width 688 and 4096 tokens; batches of 16 examples with 24 to 32 base and source tokens and 8 to 12 instruction tokens; ℓ = 4, M = 2,
/// a householder subspace of k = 128 with inner width 14336.
/// </summary>
internal sealed class ReferenceConfiguration : IDisposable
{
    internal const int BatchSize = 16;
    private const int Batches = 16;

    private static readonly ModelConfig s_shape = new()
    {
        VocabularySize = 4096,
        HiddenSize = 256,
        BlockCount = 8,
        HeadCount = 8,
        KeyValueHeadCount = 4,
        HeadWidth = 32,
        InnerWidth = 688,
        NormEpsilon = 1e-5,
        RopeTheta = 500000,
        EosTokenIds = [4095],
        BosTokenId = 4094,
    };

    /// <summary>The concept of all examples, for methods that learn each by itself.</summary>
    internal static ConceptKey Concept { get; } = new("city", "Country");

    /// <summary>Makes the model and examples.</summary>
    /// <param name="batchSize">Examples of a batch.</param>
    /// <param name="lengthFactor">How many times longer the prompts are.</param>
    /// <param name="dtype">Number format that the target is stored in; the machine decides what it is held and computed in.</param>
    /// <param name="batches">Different batches.</param>
    /// <param name="config">Another shape of the target, of 4096 tokens or more; null: the one above.</param>
    internal ReferenceConfiguration(
        int batchSize = BatchSize, int lengthFactor = 1, ModelDtype dtype = ModelDtype.Float32, int batches = Batches,
        ModelConfig? config = null)
    {
        Model = CreateModel(dtype, config ?? s_shape);
        Random random = new(5);
        Examples =
        [
            .. Enumerable.Range(0, batches).Select(_ => Enumerable.Range(0, batchSize).Select(_ => Example(random, lengthFactor)).ToArray())
        ];
    }

    internal LanguageModel Model { get; }

    /// <summary>Batches of examples.</summary>
    internal TokenizedExample[][] Examples { get; }

    /// <summary>The original's options, accidents included.</summary>
    internal static HypernetworkOptions Original { get; } =
        new HypernetworkOptions { Layer = 4, Blocks = 2, FeatureDimension = 128, SubspaceInner = 14336 }.Faithful();

    /// <summary>The same with the project's reading: the intervention layer alone.</summary>
    internal static HypernetworkOptions OneLayer { get; } = Original with { Reads = StackDepth.InterventionLayer };

    /// <summary>The original's training.</summary>
    internal static TrainingOptions Training { get; } = new TrainingOptions().Faithful();

    /// <summary>All prompts of all batches into a cache.</summary>
    internal void Warm(ActivationCache cache)
    {
        TokenizedExample[] all = [.. Examples.SelectMany(b => b)];
        cache.Prefetch(
            all.SelectMany(e => new[] { e.BaseIds[..e.BaseVisible], e.SourceIds[..e.SourceVisible] }), all.Select(e => e.BaseIds));
    }

    public void Dispose() => Model.Dispose();

    private static LanguageModel CreateModel(ModelDtype dtype, ModelConfig config)
    {
        string folder = Directory.CreateTempSubdirectory("hyperdas-benchmark-").FullName;
        try
        {
            using DisposeScope scope = NewDisposeScope();
            config.Save(folder);
            SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), [.. Weights(config)
                .Select(w => new KeyValuePair<string, Tensor>(w.Key, w.Value.to_type(NumberFormat.ToScalarType(dtype))))]);
            return LanguageModel.Load(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<KeyValuePair<string, Tensor>> Weights(ModelConfig config)
    {
        using Generator random = new(1, CPU);
        foreach ((string name, long[] shape) in ModelFamily.Of(config).Weights(config).Select(w => (w.Name, w.Shape(config))))
        {
            yield return new(name, shape.Length == 1 ? ones(shape) : randn(shape, generator: random).mul(0.05));
        }
    }

    private static TokenizedExample Example(Random random, int lengthFactor)
    {
        int tokens = random.Next(24, 33) * lengthFactor, label = random.Next(1, 4), source = random.Next(24, 33) * lengthFactor;
        int prompt = tokens - label, visible = prompt - random.Next(2, 9), sourceVisible = source - random.Next(2, 9);
        return new TokenizedExample
        {
            BaseIds = Ids(tokens),
            PromptLength = prompt,
            BaseVisible = visible,
            BaseEntityIndex = visible - 1,
            SourceIds = Ids(source),
            SourceVisible = sourceVisible,
            SourceEntityIndex = sourceVisible - 1,
            InstructionIds = Ids(random.Next(8, 13)),
            IsCause = random.Next(2) == 0,
            Concept = Concept,
        };

        int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(4096))];
    }
}
