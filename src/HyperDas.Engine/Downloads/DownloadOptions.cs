using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.Downloads;

/// <summary>Retry settings of downloads.</summary>
public sealed record DownloadOptions
{
    /// <summary>How often an interrupted download is resumed before giving up.</summary>
    [Range(1, int.MaxValue)]
    public int Attempts { get; init; } = 4;

    /// <summary>Wait before the second attempt; doubled before each further one.</summary>
    [Range(0.0, int.MaxValue / 1000)]
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest wait that a busy server may ask for (<c>Retry-After</c>); if it asks for more, the download fails with an error that says
    /// so.
    /// </summary>
    [Range(0.0, int.MaxValue / 1000)]
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a server may be silent before the connection counts as broken.</summary>
    [Range(0.0, int.MaxValue / 1000, MinimumIsExclusive = true)]
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}
