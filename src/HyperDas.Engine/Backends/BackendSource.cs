using HyperDas.Engine.Downloads;

namespace HyperDas.Engine.Backends;

/// <summary>Source of backend packages.</summary>
public sealed record BackendSource
{
    /// <summary>nuget.org's package content (NuGet's "flat container").</summary>
    public static Uri NuGetOrg { get; } = new("https://api.nuget.org/v3-flatcontainer/");

    /// <summary>A server with packages at <c>id/version/id.version.nupkg</c>. Its files must be identical.</summary>
    public Uri Uri { get; init; } = NuGetOrg;

    /// <summary>A folder with the packages, directly or in the layout of NuGet's package folder; null to download.</summary>
    public string? Folder { get; init; }

    /// <summary>Retry settings.</summary>
    public DownloadOptions Download { get; init; } = new();
}
