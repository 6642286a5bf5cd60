namespace HyperDas.Engine.Ravel.Downloads;

/// <summary>Where the benchmark's files come from.</summary>
public sealed record RavelSaveOptions
{
    /// <summary>Which files are wanted.</summary>
    public RavelFileSet Files { get; init; } = RavelFileSet.Official;

    /// <summary>Another address of the archive; null for the usual one. What comes from there must be the same files.</summary>
    public Uri? Uri { get; init; }

    /// <summary>A folder or <c>.tgz</c> archive that has the files already; null to download them.</summary>
    public string? SourcePath { get; init; }

    /// <summary>Whether files that are there and differ are replaced.</summary>
    public bool Force { get; init; }

    /// <summary>How often a download that breaks off is taken up again before giving up.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>Wait before the second attempt; doubled before each further one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may send nothing before the connection counts as broken.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}
