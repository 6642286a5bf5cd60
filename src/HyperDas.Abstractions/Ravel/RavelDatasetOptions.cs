using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>Options of a dataset that both builders have. The defaults are those of <see cref="RavelBuildOptions"/>.</summary>
public abstract record RavelDatasetOptions : IRelatedOptions
{
    /// <summary>Default of <see cref="MaxTokens"/> for all datasets.</summary>
    public const int DefaultMaxTokens = 64;

    /// <summary>Target attributes; null for all. Isolate examples also ask about the other attributes of the domain.</summary>
    public IReadOnlyList<string>? Attributes { get; init; }

    /// <summary>
    /// Training examples for each target attribute, half cause and half isolate; an odd number is rounded down. With RAVEL's builder, the
    /// maximum.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int TrainPerAttribute { get; init; } = 1000;

    /// <summary>
    /// Validation examples for each target attribute; with descriptions, the same number again with unseen wording and with absent
    /// descriptions. With RAVEL's builder, the maximum in the context and in the entity part.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ValPerAttribute { get; init; } = 100;

    /// <summary>
    /// Test examples for each target attribute; with descriptions, the same number again with unseen wording and with absent descriptions.
    /// With RAVEL's builder, the maximum in the context and in the entity part.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int TestPerAttribute { get; init; } = 200;

    /// <summary>Seed of all random draws: the same seed, files and answers of the target model give the same examples.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>How the instruction describes the concept.</summary>
    public InstructionStyle InstructionStyle { get; init; } = InstructionStyle.Descriptions;

    /// <summary>
    /// Share of the training's isolate examples whose description names something that the domain doesn't have; only with descriptions.
    /// </summary>
    [Range(0.0, 1.0)]
    public double AbsentShare { get; init; } = 0.3;

    /// <summary>
    /// Share of these that use a training description of another domain of the dataset instead of the domain's own list of absent things;
    /// only descriptions with a word that no description of this domain contains. Without effect if the dataset has one domain.
    /// </summary>
    [Range(0.0, 1.0)]
    public double OtherDomainShare { get; init; }

    /// <summary>
    /// Share of the training examples whose description is surrounded by words that don't describe anything ("please tell me the country",
    /// "topic: the country"), so an interpreter learns to ignore them; only with descriptions.
    /// </summary>
    [Range(0.0, 1.0)]
    public double OpeningShare { get; init; } = 0.4;

    /// <summary>
    /// Maximum number of tokens of the base prompt with its label, and of the source prompt, including beginning-of-sequence.
    /// </summary>
    [Range(2, int.MaxValue)]
    public int MaxTokens { get; init; } = DefaultMaxTokens;

    /// <summary>Examples for each target attribute in one split.</summary>
    /// <param name="split">The split.</param>
    public int PerAttribute(RavelSplit split) => split switch
    {
        RavelSplit.Train => TrainPerAttribute,
        RavelSplit.Val => ValPerAttribute,
        _ => TestPerAttribute,
    };

    /// <inheritdoc/>
    public IEnumerable<OptionFault> Relations()
    {
        if (Math.Max(Math.Max(TrainPerAttribute, ValPerAttribute), TestPerAttribute) < 2)
        {
            yield return new OptionFault(
                nameof(TrainPerAttribute), TrainPerAttribute,
                "at least 2 (one cause and one isolate example), or the count of another split must be");
        }
    }
}
