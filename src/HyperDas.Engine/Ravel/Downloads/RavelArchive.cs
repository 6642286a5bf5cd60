using System.IO.Compression;

namespace HyperDas.Engine.Ravel.Downloads;

/// <summary>Extracts the requested files from an archive.</summary>
internal static class RavelArchive
{
    // The largest official file has 0.65 MB; an archive that expands to gigabytes isn't the expected one.
    private const long LargestFile = 64L << 20;
    private const long LargestArchive = 4L << 30;

    /// <summary>Extracts files by name; their folders in the archive don't matter.</summary>
    /// <param name="archive">A <c>.tgz</c> archive.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="files">The requested files; others are skipped.</param>
    /// <param name="cancellation">Checked before every file.</param>
    /// <exception cref="HyperDasException"><c>ArchiveInvalid</c>.</exception>
    internal static void Extract(string archive, string folder, RavelFileSet files, CancellationToken cancellation)
    {
        try
        {
            using FileStream stream = Files.WholeFile.Open(archive);
            using GZipStream unpacked = new(stream, CompressionMode.Decompress);
            TarArchive reader = new(unpacked, LargestArchive);
            while (reader.Next() is TarItem entry)
            {
                cancellation.ThrowIfCancellationRequested();
                if (Escapes(entry.Name))
                {
                    throw Invalid(archive, $"'{entry.Name}' points outside the archive");
                }
                string name = Path.GetFileName(entry.Name);
                if (!entry.IsFile || !files.Sha256.ContainsKey(name))
                {
                    continue;
                }
                if (entry.Length > LargestFile)
                {
                    throw Invalid(archive, $"'{entry.Name}' unpacks to {entry.Length} bytes");
                }
                string path = Path.Combine(folder, name);
                if (File.Exists(path))
                {
                    throw Invalid(archive, $"'{name}' occurs twice");
                }
                // Not ExtractToFile: an archive must not set permissions.
                using FileStream file = new(path, FileMode.CreateNew);
                reader.CopyTo(file);
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw Invalid(archive, error.Message, error);
        }
    }

    private static bool Escapes(string name) =>
        name.Contains('\0') || name.StartsWith('/') || name.StartsWith('\\') || name.Contains(':') || name.Split('/', '\\').Contains("..");

    private static HyperDasException Invalid(string archive, string why, Exception? inner = null) => new(
        "ArchiveInvalid", HyperDasErrorKind.InvalidData, $"'{archive}' isn't a valid .tgz archive: {why}.", archive, inner);
}
