using HyperDas.Engine.Ravel.Instances;

namespace HyperDas.Engine.Evaluation;

/// <summary>What is scored, and how.</summary>
public sealed record RavelScoringOptions
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
    public int BootstrapSamples { get; init; } = 1000;

    /// <summary>Seed of the bootstrap.</summary>
    public long BootstrapSeed { get; init; } = 42;

    /// <summary>Examples at a time.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The day that time zones' offsets are taken from, for the dialect that compares them.</summary>
    public DateOnly TimeZoneDate { get; init; } = UtcOffset.DefaultDate;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="HyperDasException"><c>ScoringOptionInvalid</c>.</exception>
    internal void ThrowIfImpossible()
    {
        string? wrong = Modes.Count == 0 ? "no selection mode is given"
            : Dialects.Count == 0 ? "no dialect is given"
            : BootstrapSamples < 0 ? $"BootstrapSamples is {BootstrapSamples}; it must be 0 or more"
            : BatchSize < 1 ? $"BatchSize is {BatchSize}; it must be at least 1"
            : null;
        if (wrong is not null)
        {
            throw new HyperDasException("ScoringOptionInvalid", HyperDasErrorKind.InvalidArgument, $"Nothing can be scored: {wrong}.", this);
        }
    }
}
