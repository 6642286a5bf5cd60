using System.Security.Cryptography;
using HyperDas.Engine.Downloads;

namespace HyperDas.Engine.Backends;

/// <summary>Gets package files and checks them against the known hashes.</summary>
internal static class BackendFetcher
{
    private const string Otherwise = "Without a connection, -SourcePath takes a folder that Save-HyperDasBackend made where there is one.";

    /// <summary>
    /// Finds a package in the source's folder, or downloads it into another folder, where an earlier call's beginning is gone on from.
    /// </summary>
    /// <param name="package">Which.</param>
    /// <param name="source">Where from.</param>
    /// <param name="folder">Where downloads go; created if needed.</param>
    /// <param name="progress">Told how many bytes are there.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <returns>The file, checked.</returns>
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
                    $"'{present}' has no '{package.FileName}'; Save-HyperDasBackend makes a folder that has all that is needed.", present);
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
            // Going on from a wrong beginning can't come right.
            File.Delete(part);
            throw;
        }
        File.Move(part, target, overwrite: true);
        return target;
    }

    /// <summary>Whether a file is a package, to the last byte.</summary>
    /// <param name="package">The package.</param>
    /// <param name="path">A file that exists.</param>
    internal static bool IsWhole(BackendPackage package, string path) => Hash(path) == package.Sha512;

    private static void Check(BackendPackage package, string file, string origin)
    {
        string found = Hash(file);
        if (found != package.Sha512)
        {
            throw new HyperDasException(
                "BackendPackageMismatch", HyperDasErrorKind.InvalidData,
                $"'{origin}' isn't {package.Id} {package.Version}: its SHA-512 is {found}; {package.Sha512} is right.", origin);
        }
    }

    private static string Hash(string path)
    {
        using FileStream stream = Files.WholeFile.Open(path);
        return Convert.ToBase64String(SHA512.HashData(stream));
    }
}
