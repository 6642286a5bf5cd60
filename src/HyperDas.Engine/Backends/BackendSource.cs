using HyperDas.Engine.Downloads;

namespace HyperDas.Engine.Backends;

/// <summary>Where backend packages come from.</summary>
public sealed record BackendSource
{
    /// <summary>nuget.org's package content (NuGet's "flat container").</summary>
    public static Uri NuGetOrg { get; } = new("https://api.nuget.org/v3-flatcontainer/");

    /// <summary>A server with packages under <c>id/version/id.version.nupkg</c>. What comes from there must be the same files.</summary>
    public Uri Uri { get; init; } = NuGetOrg;

    /// <summary>A folder that has the packages already, directly or as NuGet's package folder has them; null to download.</summary>
    public string? Folder { get; init; }

    /// <summary>How stubborn a download is.</summary>
    public DownloadOptions Download { get; init; } = new();
}
