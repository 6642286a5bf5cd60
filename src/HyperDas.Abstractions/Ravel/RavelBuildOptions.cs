using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>What a dataset shall hold.</summary>
public sealed record RavelBuildOptions : IRelatedOptions
{
    /// <summary>What <see cref="MaxTokens"/> is unless told otherwise, of datasets however they are made.</summary>
    public const int DefaultMaxTokens = 64;

    /// <summary>Target attributes; null for all. Isolate examples ask about the other attributes of the domain too.</summary>
    public IReadOnlyList<string>? Attributes { get; init; }

    /// <summary>Training examples for each target attribute, half cause and half isolate; an odd number is rounded down.</summary>
    [Range(0, int.MaxValue)]
    public int TrainPerAttribute { get; init; } = 1000;

    /// <summary>
    /// Validation examples for each target attribute; with descriptions as many again in unseen words and about absent things.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ValPerAttribute { get; init; } = 100;

    /// <summary>Test examples for each target attribute; with descriptions as many again in unseen words and about absent things.</summary>
    [Range(0, int.MaxValue)]
    public int TestPerAttribute { get; init; } = 200;

    /// <summary>Everything random comes from it: the same seed, files and facts give the same examples.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>How the concept is put into words.</summary>
    public InstructionStyle InstructionStyle { get; init; } = InstructionStyle.Descriptions;

    /// <summary>
    /// Share of the isolate examples of the training that describe something which the domain doesn't have; with descriptions only.
    /// </summary>
    [Range(0.0, 1.0)]
    public double AbsentShare { get; init; } = 0.3;

    /// <summary>
    /// Share of these that describe an attribute of another domain of the dataset, in its training words, instead of something from the
    /// domain's own list; only what has a word that no description of the own domain has. Nothing where the dataset has one domain.
    /// </summary>
    [Range(0.0, 1.0)]
    public double OtherDomainShare { get; init; }

    /// <summary>
    /// Share of the examples of the training whose description stands within other words that say nothing about it ("please tell me the
    /// country", "topic: the country"), so that an interpreter learns to pass over them; with descriptions only.
    /// </summary>
    [Range(0.0, 1.0)]
    public double OpeningShare { get; init; } = 0.4;

    /// <summary>Tokens that base prompt with label, and source prompt, may have, beginning-of-sequence included.</summary>
    [Range(2, int.MaxValue)]
    public int MaxTokens { get; init; } = DefaultMaxTokens;

    /// <summary>Which entities the examples of a split are about.</summary>
    public RavelEntitySplit EntitySplit { get; init; } = RavelEntitySplit.Both;

    /// <summary>Examples for each target attribute in one split.</summary>
    /// <param name="split">Which split.</param>
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
                nameof(TrainPerAttribute), TrainPerAttribute, "2 or more, one cause and one isolate, or that of another split");
        }
    }
}
