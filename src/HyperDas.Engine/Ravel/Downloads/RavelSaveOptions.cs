using HyperDas.Engine.Downloads;

namespace HyperDas.Engine.Ravel.Downloads;

/// <summary>The files of the benchmark and their source.</summary>
public sealed record RavelSaveOptions
{
    /// <summary>The requested files.</summary>
    public RavelFileSet Files { get; init; } = RavelFileSet.Official;

    /// <summary>Another address of the archive; null for the default one. Its files must have the same content.</summary>
    public Uri? Uri { get; init; }

    /// <summary>A folder or <c>.tgz</c> archive with the files; null to download them.</summary>
    public string? SourcePath { get; init; }

    /// <summary>Whether this project's missing descriptions are added; existing ones are always kept.</summary>
    public bool WithDescriptions { get; init; } = true;

    /// <summary>Whether existing files with different content are replaced.</summary>
    public bool Force { get; init; }

    /// <summary>Retries and timeouts of the download.</summary>
    public DownloadOptions Download { get; init; } = new();
}
