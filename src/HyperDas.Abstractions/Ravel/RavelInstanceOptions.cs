using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>What an instance of the benchmark shall hold. The defaults are those of RAVEL (docs/methods.md#ravels-instances).</summary>
public sealed record RavelInstanceOptions : IRelatedOptions
{
    /// <summary>The day that time zones' offsets are taken from, unless another is named.</summary>
    public static DateOnly DefaultTimeZoneDate { get; } = new(2024, 1, 15);

    /// <summary>Target attributes; null for all. Isolate examples ask about the other attributes of the domain too.</summary>
    public IReadOnlyList<string>? Attributes { get; init; }

    /// <summary>Entities that are kept: those about which the target model knows most.</summary>
    [Range(2, int.MaxValue)]
    public int EntityLimit { get; init; } = 400;

    /// <summary>Templates that are kept for each attribute: those that most entities are known in.</summary>
    [Range(1, int.MaxValue)]
    public int TemplateLimit { get; init; } = 12;

    /// <summary>Templates beyond the first few of an attribute are kept only among this many best of the domain.</summary>
    [Range(1, int.MaxValue)]
    public int DomainTemplateLimit { get; init; } = 200;

    /// <summary>Templates of an attribute that are kept however little is known in them.</summary>
    [Range(0, int.MaxValue)]
    public int CertainTemplates { get; init; } = 4;

    /// <summary>Pairs that are drawn for each attribute of the training set and kind of source, before filtering.</summary>
    [Range(1, int.MaxValue)]
    public int TrainDraws { get; init; } = 10240;

    /// <summary>Pairs that are drawn for each template of a context or entity test and kind of source, before filtering.</summary>
    [Range(1, int.MaxValue)]
    public int TestDraws { get; init; } = 256;

    /// <summary>Most training examples for each target attribute, half cause and half isolate.</summary>
    [Range(0, int.MaxValue)]
    public int TrainPerAttribute { get; init; } = int.MaxValue;

    /// <summary>Most validation examples for each target attribute, in the context and in the entity part.</summary>
    [Range(0, int.MaxValue)]
    public int ValPerAttribute { get; init; } = int.MaxValue;

    /// <summary>Most test examples for each target attribute, in the context and in the entity part.</summary>
    [Range(0, int.MaxValue)]
    public int TestPerAttribute { get; init; } = int.MaxValue;

    /// <summary>Everything random comes from it: the same seed, files and completions give the same examples.</summary>
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
    public int MaxTokens { get; init; } = RavelBuildOptions.DefaultMaxTokens;

    /// <summary>The day that time zones' offsets are taken from: they change with summer time.</summary>
    public DateOnly TimeZoneDate { get; init; } = DefaultTimeZoneDate;

    /// <summary>Most examples for each target attribute in one split.</summary>
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
