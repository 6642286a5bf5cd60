using System.Security.Cryptography;
using System.Text;
using HyperDas.Engine.Downloads;

namespace HyperDas.Engine.Ravel.Downloads;

/// <summary>
/// Saves the benchmark's files and this project's descriptions to a folder, from a download or an existing copy. The content of every file
/// is verified before any is moved into place, and incomplete files have another name.
/// </summary>
public static class RavelSaver
{
    private const string Otherwise = "Without a connection, use -SourcePath with a folder or .tgz archive that contains the files.";

    /// <summary>Saves the files.</summary>
    /// <param name="folder">Destination folder; created if needed.</param>
    /// <param name="options">The files and their source.</param>
    /// <param name="progress">Receives the number of bytes received.</param>
    /// <param name="cancellationToken">Cancels the operation; what was downloaded is kept for the next call.</param>
    /// <returns>Whether anything was written; false when all files existed already.</returns>
    /// <exception cref="HyperDasException">
    /// <c>OutputExists</c>, <c>PathNotFound</c>, <c>UriUnsupported</c>, <c>DownloadFailed</c>, <c>ArchiveInvalid</c>,
    /// <c>RavelFilesMissing</c>, <c>RavelFileMismatch</c>, <c>WriteFailed</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static bool Save(
        string folder, RavelSaveOptions options, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (options.Files.Sha256.All(
            file => File.Exists(Path.Combine(folder, file.Key)) && Hash(Path.Combine(folder, file.Key)) == file.Value))
        {
            return Describe(folder, options) > 0;
        }
        string? present = options.Files.Sha256.Keys.FirstOrDefault(name => Path.Exists(Path.Combine(folder, name)));
        if (present is not null && !options.Force)
        {
            throw new HyperDasException(
                "OutputExists", HyperDasErrorKind.ResourceExists,
                $"'{Path.Combine(folder, present)}' already exists, and some files in the folder differ from the benchmark's; -Force replaces them.",
                folder);
        }
        string staging = $"{folder}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(staging);
            Fill(staging, folder, options, progress, cancellationToken);
            Directory.CreateDirectory(folder);
            foreach (string name in options.Files.Sha256.Keys)
            {
                File.Move(Path.Combine(staging, name), Path.Combine(folder, name), overwrite: true);
            }
            Describe(folder, options);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException(
                "WriteFailed", HyperDasErrorKind.WriteError, $"The files couldn't be saved in '{folder}': {error.Message}", folder, error);
        }
        finally
        {
            Remove(staging);
        }
    }

    private static int Describe(string folder, RavelSaveOptions options) =>
        options.WithDescriptions && ReferenceEquals(options.Files, RavelFileSet.Official) ? RavelAdditions.Write(folder) : 0;

    private static void Fill(
        string staging, string folder, RavelSaveOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (options.SourcePath is string source)
        {
            source = Path.GetFullPath(source);
            if (Directory.Exists(source))
            {
                Copy(source, staging, options.Files);
            }
            else if (File.Exists(source))
            {
                RavelArchive.Extract(source, staging, options.Files, cancellation);
            }
            else
            {
                throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound,
                    $"'{source}' doesn't exist; specify a folder or .tgz archive with the benchmark's files.", source);
            }
            Check(staging, source, options.Files);
            return;
        }
        Uri uri = options.Uri ?? options.Files.Uri;
        // By address, so that a download is never resumed with another archive.
        string part = $"{folder}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uri.AbsoluteUri)))[..8]}.part";
        new ResumingDownload("RAVEL", Otherwise, options.Download).Run(uri, part, progress, cancellation);
        try
        {
            RavelArchive.Extract(part, staging, options.Files, cancellation);
            Check(staging, uri.AbsoluteUri, options.Files);
        }
        catch (HyperDasException)
        {
            // Resuming after a wrong part can't succeed.
            File.Delete(part);
            throw;
        }
        File.Delete(part);
    }

    private static void Copy(string source, string staging, RavelFileSet files)
    {
        foreach (string name in files.Sha256.Keys.Where(name => File.Exists(Path.Combine(source, name))))
        {
            using FileStream from = Files.WholeFile.Open(Path.Combine(source, name));
            using FileStream to = new(Path.Combine(staging, name), FileMode.CreateNew);
            from.CopyTo(to);
        }
    }

    private static void Check(string staging, string source, RavelFileSet files)
    {
        string[] missing = [.. files.Sha256.Keys.Where(name => !File.Exists(Path.Combine(staging, name)))];
        if (missing.Length > 0)
        {
            throw new HyperDasException(
                "RavelFilesMissing", HyperDasErrorKind.InvalidData,
                $"'{source}' lacks {missing.Length} of the benchmark's {files.Sha256.Count} files, e.g. '{missing[0]}'.",
                source);
        }
        foreach ((string name, string expected) in files.Sha256)
        {
            string found = Hash(Path.Combine(staging, name));
            if (found != expected)
            {
                throw new HyperDasException(
                    "RavelFileMismatch", HyperDasErrorKind.InvalidData,
                    $"'{name}' from '{source}' isn't the benchmark's file: its SHA-256 is {found} instead of {expected}.", source);
            }
        }
    }

    private static string Hash(string path)
    {
        using FileStream stream = Files.WholeFile.Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    // The first failure is reported: a second one during cleanup must not hide it.
    private static void Remove(string staging)
    {
        try
        {
            Directory.Delete(staging, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
