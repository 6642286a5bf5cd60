using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>What is scored, and how.</summary>
public sealed record RavelScoringOptions : IRelatedOptions
{
    /// <summary>Selection modes; all come from one proposal.</summary>
    public IReadOnlyList<SelectionMode> Modes { get; init; } = [SelectionMode.Soft];

    /// <summary>Dialects; those that read generated tokens share one generation.</summary>
    public IReadOnlyList<RavelDialect> Dialects { get; init; } = [RavelDialect.HyperDas];

    /// <summary>Whether each template gets a score of its own beside its attribute's.</summary>
    public bool PerTemplate { get; init; }

    /// <summary>
    /// Bootstrap samples that confidence intervals come from; 0: no intervals. A sample draws as many base entities of each domain as there
    /// are, with replacement, and scores their examples: examples of one entity aren't independent of each other.
    /// </summary>
    [Range(0, 1_000_000)]
    public int BootstrapSamples { get; init; } = 1000;

    /// <summary>Seed of the bootstrap.</summary>
    public long BootstrapSeed { get; init; } = 42;

    /// <summary>Examples at a time.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 64;

    /// <summary>The day that time zones' offsets are taken from, for the dialect that compares them.</summary>
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
