using System.Security.Cryptography;
using HyperDas.Engine.Downloads;

namespace HyperDas.Engine.Backends;

/// <summary>Gets package files and verifies their hashes.</summary>
internal static class BackendFetcher
{
    private const string Otherwise = "Without a connection, use -SourcePath with a folder that Save-HyperDasBackend made on a connected machine.";

    /// <summary>Finds a package in the source's folder, or downloads it into another folder, where a partial download is resumed.</summary>
    /// <param name="package">The package.</param>
    /// <param name="source">The source.</param>
    /// <param name="folder">Folder for downloads; created if needed.</param>
    /// <param name="progress">Receives the number of bytes received.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The verified file.</returns>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>BackendPackageMismatch</c>, <c>UriUnsupported</c>,
    /// <c>DownloadFailed</c>.</exception>
    internal static string Fetch(
        BackendPackage package, BackendSource source, string folder, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (source.Folder is string present)
        {
            string[] places =
                [Path.Combine(present, package.FileName), Path.Combine(present, package.Id, package.Version, package.FileName)];
            string file = places.FirstOrDefault(File.Exists)
                ?? throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound,
                    $"'{present}' has no '{package.FileName}'; Save-HyperDasBackend makes a complete folder.", present);
            Check(package, file, file);
            return file;
        }
        string target = Path.Combine(folder, package.FileName);
        if (File.Exists(target) && IsWhole(package, target))
        {
            return target;
        }
        string part = target + ".part";
        Uri uri = new(source.Uri, $"{package.Id}/{package.Version}/{package.FileName}");
        new ResumingDownload(package.Id, Otherwise, source.Download).Run(uri, part, progress, cancellation);
        try
        {
            Check(package, part, uri.AbsoluteUri);
        }
        catch (HyperDasException)
        {
            // Resuming after a wrong part can't succeed.
            File.Delete(part);
            throw;
        }
        File.Move(part, target, overwrite: true);
        return target;
    }

    /// <summary>Whether a file is identical to a package.</summary>
    /// <param name="package">The package.</param>
    /// <param name="path">An existing file.</param>
    internal static bool IsWhole(BackendPackage package, string path) => Hash(path) == package.Sha512;

    private static void Check(BackendPackage package, string file, string origin)
    {
        string found = Hash(file);
        if (found != package.Sha512)
        {
            throw new HyperDasException(
                "BackendPackageMismatch", HyperDasErrorKind.InvalidData,
                $"'{origin}' isn't {package.Id} {package.Version}: its SHA-512 is {found} instead of {package.Sha512}.", origin);
        }
    }

    private static string Hash(string path)
    {
        using FileStream stream = Files.WholeFile.Open(path);
        return Convert.ToBase64String(SHA512.HashData(stream));
    }
}
