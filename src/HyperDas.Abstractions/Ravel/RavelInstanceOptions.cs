using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>Options of a dataset with RAVEL's own instances. The defaults are RAVEL's (docs/methods.md#ravels-instances).</summary>
public sealed record RavelInstanceOptions : IRelatedOptions
{
    /// <summary>Default date for time zone offsets.</summary>
    public static DateOnly DefaultTimeZoneDate { get; } = new(2024, 1, 15);

    /// <summary>Target attributes; null for all. Isolate examples also ask about the other attributes of the domain.</summary>
    public IReadOnlyList<string>? Attributes { get; init; }

    /// <summary>Number of entities to keep: those about which the target model knows most.</summary>
    [Range(2, int.MaxValue)]
    public int EntityLimit { get; init; } = 400;

    /// <summary>Number of templates to keep for each attribute: those in which most entities are known.</summary>
    [Range(1, int.MaxValue)]
    public int TemplateLimit { get; init; } = 12;

    /// <summary>An attribute's templates beyond the certain ones are kept only if they are among this many best of the domain.</summary>
    [Range(1, int.MaxValue)]
    public int DomainTemplateLimit { get; init; } = 200;

    /// <summary>Number of an attribute's best templates that are kept regardless of how little is known in them.</summary>
    [Range(0, int.MaxValue)]
    public int CertainTemplates { get; init; } = 4;

    /// <summary>Pairs drawn for each attribute of the training set and kind of source, before filtering.</summary>
    [Range(1, int.MaxValue)]
    public int TrainDraws { get; init; } = 10240;

    /// <summary>Pairs drawn for each template of a context or entity test and kind of source, before filtering.</summary>
    [Range(1, int.MaxValue)]
    public int TestDraws { get; init; } = 256;

    /// <summary>Maximum number of training examples for each target attribute, half cause and half isolate.</summary>
    [Range(0, int.MaxValue)]
    public int TrainPerAttribute { get; init; } = int.MaxValue;

    /// <summary>Maximum number of validation examples for each target attribute, in the context and in the entity part.</summary>
    [Range(0, int.MaxValue)]
    public int ValPerAttribute { get; init; } = int.MaxValue;

    /// <summary>Maximum number of test examples for each target attribute, in the context and in the entity part.</summary>
    [Range(0, int.MaxValue)]
    public int TestPerAttribute { get; init; } = int.MaxValue;

    /// <summary>Seed of all random draws: the same seed, files and completions give the same examples.</summary>
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
    public int MaxTokens { get; init; } = RavelBuildOptions.DefaultMaxTokens;

    /// <summary>The date for time zone offsets, which change with daylight saving time.</summary>
    public DateOnly TimeZoneDate { get; init; } = DefaultTimeZoneDate;

    /// <summary>Maximum number of examples for each target attribute in one split.</summary>
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
