using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>
/// How a small language model is trained from scratch on the benchmark's facts. The defaults produce the bundled target model.
/// </summary>
public sealed record PretrainingOptions : IRelatedOptions
{
    // A larger value would collect texts endlessly before the first step.
    private const int MostTextsPerFact = 1000;

    /// <summary>The default family.</summary>
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

    /// <summary>Number of tokens of the byte-level BPE, which is trained first.</summary>
    [Range(1, int.MaxValue)]
    public int VocabularySize { get; init; } = 3072;

    /// <summary>Number of tokens to train on, including padding.</summary>
    [Range(1.0, long.MaxValue)]
    public long Tokens { get; init; } = 8_500_000;

    /// <summary>Approximate number of tokens per step.</summary>
    [Range(1, 1 << 18)]
    public int BatchTokens { get; init; } = 1024;

    /// <summary>Highest learning rate: constant for the first half of the training, then falling linearly to 0.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Decoupled weight decay.</summary>
    [Range(0.0, double.MaxValue)]
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Global gradient norm that steps are clipped to.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double ClipNorm { get; init; } = 1;

    /// <summary>Share of texts, 0 to 1, in which tokens after the entity see only its last token.</summary>
    [Range(0.0, 1.0)]
    public double EntityMaskProbability { get; init; } = 0.9;

    /// <summary>
    /// In masked texts, tokens after the entity see its last token from hidden state ℓ of this number on, and nothing of it in earlier
    /// blocks: 0 (from the start) to L − 1.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ReadingLayer { get; init; } = 3;

    /// <summary>
    /// Share of texts, 0 to 1, that skip the feed-forward layers of the blocks after <see cref="ReadingLayer"/>, so the answer must be
    /// linearly readable.
    /// </summary>
    [Range(0.0, 1.0)]
    public double ReadingSkipProbability { get; init; }

    /// <summary>
    /// Share of the batches, 0 to 1, in which one attribute's part of an entity's last hidden vector at <see cref="ReadingLayer"/> is
    /// swapped with another entity's, and the training answer is what the swap should produce (interchange intervention training, Geiger et
    /// al. 2022). It gives every attribute its own subspace there: a target model with a known correct answer, which is easier than models
    /// trained only on text.
    /// </summary>
    [Range(0.0, 1.0)]
    public double InterchangeShare { get; init; } = 0.4;

    /// <summary>
    /// In half of the texts, the share of prompt words, 0 to 1, hidden from later tokens, so the model doesn't depend on any single word of
    /// a template.
    /// </summary>
    [Range(0.0, 1.0)]
    public double PromptDropProbability { get; init; } = 0.2;

    /// <summary>Number of texts for each fact and epoch that ask for it in a general frame with the attribute's name.</summary>
    [Range(0, MostTextsPerFact)]
    public int FramesPerFact { get; init; } = 3;

    /// <summary>
    /// Number of texts for each fact and epoch that ask for it in other words than the templates, in bundled domains. If it isn't 0, the
    /// training also contains the meanings of these words, which an interpreter can then use.
    /// </summary>
    [Range(0, MostTextsPerFact)]
    public int WordingsPerFact { get; init; } = 3;

    /// <summary>Texts that mention an entity without asking for anything, as a multiple of the texts that ask.</summary>
    [Range(0.0, MostTextsPerFact)]
    public double DistractorShare { get; init; } = 0.05;

    /// <summary>Seed of all random draws.</summary>
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
