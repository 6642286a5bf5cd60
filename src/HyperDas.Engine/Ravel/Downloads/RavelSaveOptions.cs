using HyperDas.Engine.Downloads;

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

    /// <summary>
    /// Whether this project's descriptions are put beside the files, as far as they aren't there; what is there stays in any case.
    /// </summary>
    public bool WithDescriptions { get; init; } = true;

    /// <summary>Whether files that are there and differ are replaced.</summary>
    public bool Force { get; init; }

    /// <summary>How stubborn the download is.</summary>
    public DownloadOptions Download { get; init; } = new();
}
