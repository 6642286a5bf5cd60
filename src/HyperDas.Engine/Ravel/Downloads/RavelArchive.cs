using System.IO.Compression;

namespace HyperDas.Engine.Ravel.Downloads;

/// <summary>Takes the wanted files, and nothing else, out of an archive.</summary>
internal static class RavelArchive
{
    // The largest official file has 0.65 MB; an archive that unpacks to gigabytes is none of ours.
    private const long LargestFile = 64L << 20;
    private const long LargestArchive = 4L << 30;

    /// <summary>Unpacks. Files are told by their names alone: where an archive wants them put doesn't matter.</summary>
    /// <param name="archive">A <c>.tgz</c> archive.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="files">The files that are wanted; others are skipped.</param>
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
                    throw Invalid(archive, $"'{entry.Name}' points out of the archive");
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
                    throw Invalid(archive, $"'{name}' is in it twice");
                }
                // Not ExtractToFile: permissions are none of the archive's business.
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
        "ArchiveInvalid", HyperDasErrorKind.InvalidData, $"'{archive}' isn't a good .tgz archive: {why}.", archive, inner);
}
