using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>How examples are scored.</summary>
public sealed record RavelScoringOptions : IRelatedOptions
{
    /// <summary>Selection modes; all use the same proposal.</summary>
    public IReadOnlyList<SelectionMode> Modes { get; init; } = [SelectionMode.Soft];

    /// <summary>Dialects; those that read generated tokens share one generation.</summary>
    public IReadOnlyList<RavelDialect> Dialects { get; init; } = [RavelDialect.HyperDas];

    /// <summary>Whether each template also gets its own score.</summary>
    public bool PerTemplate { get; init; }

    /// <summary>
    /// Number of bootstrap samples for the confidence intervals; 0 for no intervals. A sample draws the base entities of each domain with
    /// replacement and scores their examples, because examples of one entity aren't independent of each other.
    /// </summary>
    [Range(0, 1_000_000)]
    public int BootstrapSamples { get; init; } = 1000;

    /// <summary>Seed of the bootstrap.</summary>
    public long BootstrapSeed { get; init; } = 42;

    /// <summary>Number of examples per batch.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 64;

    /// <summary>The date for time zone offsets, for the dialect that compares them.</summary>
    public DateOnly TimeZoneDate { get; init; } = RavelInstanceOptions.DefaultTimeZoneDate;

    /// <inheritdoc/>
    public IEnumerable<OptionFault> Relations()
    {
        if (Modes.Count == 0)
        {
            yield return new OptionFault(nameof(Modes), "empty", "at least one selection mode");
        }
        if (Dialects.Count == 0)
        {
            yield return new OptionFault(nameof(Dialects), "empty", "at least one dialect");
        }
    }
}
