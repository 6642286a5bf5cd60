using HyperDas.Engine.Checkpoints;

namespace HyperDas.Benchmarks;

/// <summary>Shapes of published models; no weights belong to them here.</summary>
internal static class ModelShapes
{
    /// <summary>By name, with the size that people call them by.</summary>
    internal static IReadOnlyDictionary<string, ModelConfig> All { get; } = new Dictionary<string, ModelConfig>
    {
        // Llama 3.2 1B and 3B, Llama 3 8B and 70B; Phi-4, whose blocks are Llama's, stands between them.
        ["1b"] = Llama(2048, 16, 32, 8, 64, 8192) with { TiedHead = true },
        ["3b"] = Llama(3072, 28, 24, 8, 128, 8192) with { TiedHead = true },
        ["8b"] = Llama(4096, 32, 32, 8, 128, 14336),
        ["14b"] = Llama(5120, 40, 40, 10, 128, 17920) with { VocabularySize = 100352, EosTokenIds = [100257], BosTokenId = 100257 },
        ["70b"] = Llama(8192, 80, 64, 8, 128, 28672),
    };

    private static ModelConfig Llama(int width, int blocks, int heads, int groups, int headWidth, int inner) => new()
    {
        VocabularySize = 128256,
        HiddenSize = width,
        BlockCount = blocks,
        HeadCount = heads,
        KeyValueHeadCount = groups,
        HeadWidth = headWidth,
        InnerWidth = inner,
        NormEpsilon = 1e-5,
        RopeTheta = 500000,
        EosTokenIds = [128001],
        BosTokenId = 128000,
    };
}
