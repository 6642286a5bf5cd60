using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>
/// Options of a dataset with RAVEL's own instances. The defaults are RAVEL's (docs/methods.md#ravels-instances): all examples of a split.
/// </summary>
public sealed record RavelInstanceOptions : RavelDatasetOptions
{
    /// <summary>Default date for time zone offsets.</summary>
    public static DateOnly DefaultTimeZoneDate { get; } = new(2024, 1, 15);

    /// <summary>RAVEL's defaults.</summary>
    public RavelInstanceOptions() => TrainPerAttribute = ValPerAttribute = TestPerAttribute = int.MaxValue;

    /// <summary>The options that both builders have, from either, with RAVEL's defaults for the others.</summary>
    /// <param name="common">Those options.</param>
    public RavelInstanceOptions(RavelDatasetOptions common)
        : base(common)
    {
    }

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

    /// <summary>The date for time zone offsets, which change with daylight saving time.</summary>
    public DateOnly TimeZoneDate { get; init; } = DefaultTimeZoneDate;
}
