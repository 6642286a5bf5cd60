namespace HyperDas.Engine.Backends;

/// <summary>A NuGet package with native libraries, identified by its content.</summary>
/// <param name="Id">Package identifier, lower case.</param>
/// <param name="Version">Version.</param>
/// <param name="Sha512">SHA-512 of the package file, in base64, as in NuGet.</param>
public sealed record BackendPackage(string Id, string Version, string Sha512)
{
    /// <summary>The package file's name.</summary>
    public string FileName => $"{Id}.{Version}.nupkg";
}
