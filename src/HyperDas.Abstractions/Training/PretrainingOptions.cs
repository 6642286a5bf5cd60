using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>
/// How a small language model is trained from scratch on the benchmark's facts. The defaults give the bundled target model.
/// </summary>
public sealed record PretrainingOptions : IRelatedOptions
{
    // More would gather texts for ever before the first step.
    private const int MostTextsPerFact = 1000;

    /// <summary>The family that is trained unless another one is asked for.</summary>
    public const string DefaultFamily = "llama";

    /// <summary>Family of the model (<c>model_type</c>): llama, gpt2, gemma2 or qwen3.</summary>
    public string Family { get; init; } = DefaultFamily;

    /// <summary>Width of the residual stream, d.</summary>
    [Range(2, int.MaxValue)]
    public int HiddenSize { get; init; } = 128;

    /// <summary>Number of blocks, L.</summary>
    [Range(1, int.MaxValue)]
    public int BlockCount { get; init; } = 5;

    /// <summary>Number of query heads; divides <see cref="HiddenSize"/> into heads of even width.</summary>
    [Range(1, int.MaxValue)]
    public int HeadCount { get; init; } = 8;

    /// <summary>Number of key/value heads; divides <see cref="HeadCount"/>. GPT-2 has as many as query heads.</summary>
    [Range(1, int.MaxValue)]
    public int KeyValueHeadCount { get; init; } = 8;

    /// <summary>Inner width of the feed-forward layers.</summary>
    [Range(1, int.MaxValue)]
    public int InnerSize { get; init; } = 344;

    /// <summary>Tokens of the byte-level BPE that is trained first.</summary>
    [Range(1, int.MaxValue)]
    public int VocabularySize { get; init; } = 3072;

    /// <summary>Tokens to train on, padding included.</summary>
    [Range(1.0, long.MaxValue)]
    public long Tokens { get; init; } = 8_500_000;

    /// <summary>Tokens per step, about.</summary>
    [Range(1, 1 << 18)]
    public int BatchTokens { get; init; } = 1024;

    /// <summary>Highest learning rate: constant for half of the training, then falling linearly to 0.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Decoupled weight decay.</summary>
    [Range(0.0, double.MaxValue)]
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Global gradient norm that steps are clipped to.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double ClipNorm { get; init; } = 1;

    /// <summary>Share of texts, 0 to 1, in which tokens after the entity see only the entity's last token.</summary>
    [Range(0.0, 1.0)]
    public double EntityMaskProbability { get; init; } = 0.9;

    /// <summary>
    /// In masked texts, tokens after the entity see its last token from hidden state ℓ of this number on, and nothing of it in the blocks
    /// before: 0 (from the start) to L − 1.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ReadingLayer { get; init; } = 3;

    /// <summary>
    /// Share of texts, 0 to 1, that skip the feed-forward layers of the blocks after <see cref="ReadingLayer"/>: the answer
    /// must then be read off linearly.
    /// </summary>
    [Range(0.0, 1.0)]
    public double ReadingSkipProbability { get; init; }

    /// <summary>
    /// Share of the batches, 0 to 1, in which one attribute's part of an entity's last hidden vector at <see cref="ReadingLayer"/> is
    /// swapped with another entity's, and the answer to learn is what that swap should give (interchange intervention training, Geiger et
    /// al. 2022). It gives every attribute a subspace of its own there: a target model with a known true answer, which is kinder than
    /// models that were trained on text alone.
    /// </summary>
    [Range(0.0, 1.0)]
    public double InterchangeShare { get; init; } = 0.4;

    /// <summary>
    /// In half of the texts, share of prompt words, 0 to 1, that later tokens can't see: no single word of a template must be needed.
    /// </summary>
    [Range(0.0, 1.0)]
    public double PromptDropProbability { get; init; } = 0.2;

    /// <summary>For each fact and epoch, number of texts that ask for it in a general frame with the attribute's name.</summary>
    [Range(0, MostTextsPerFact)]
    public int FramesPerFact { get; init; } = 3;

    /// <summary>
    /// For each fact and epoch, number of texts that ask for it in other words than the templates, where the domain is a bundled one; with
    /// any, what the words mean is read, too. They give words a meaning that an interpreter can go by.
    /// </summary>
    [Range(0, MostTextsPerFact)]
    public int WordingsPerFact { get; init; } = 3;

    /// <summary>Texts that mention an entity and ask for nothing, as a multiple of the texts that ask.</summary>
    [Range(0.0, MostTextsPerFact)]
    public double DistractorShare { get; init; } = 0.05;

    /// <summary>Seed of everything random.</summary>
    public long Seed { get; init; } = 1;

    /// <inheritdoc/>
    public IEnumerable<OptionFault> Relations()
    {
        long widths = 2L * HeadCount;
        if (HiddenSize % widths != 0)
        {
            yield return new OptionFault(nameof(HiddenSize), HiddenSize, $"a multiple of {widths}: {HeadCount} heads of even width");
        }
        if (HeadCount % KeyValueHeadCount != 0)
        {
            yield return new OptionFault(nameof(KeyValueHeadCount), KeyValueHeadCount, $"a divisor of {nameof(HeadCount)}, {HeadCount}");
        }
        if (Family == "gpt2" && KeyValueHeadCount != HeadCount)
        {
            yield return new OptionFault(
                nameof(KeyValueHeadCount), KeyValueHeadCount, $"{HeadCount}, {nameof(HeadCount)}, in the family gpt2");
        }
        if (ReadingLayer >= BlockCount)
        {
            yield return new OptionFault(nameof(ReadingLayer), ReadingLayer, $"0 to {BlockCount - 1}");
        }
    }
}
