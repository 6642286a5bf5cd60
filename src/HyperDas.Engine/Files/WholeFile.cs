namespace HyperDas.Engine.Files;

/// <summary>Reads whole files from elsewhere, with a size limit for each kind.</summary>
internal static class WholeFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Maximum size in bytes.</param>
    /// <param name="errorId">Error id if the file is larger.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>FileUnreadable</c>, or <paramref name="errorId"/>.</exception>
    public static byte[] Read(string path, long most, string errorId) => Try(path, () =>
    {
        using FileStream stream = Open(path, bufferSize: 0);
        if (stream.Length > most)
        {
            throw new HyperDasException(
                errorId, HyperDasErrorKind.InvalidData,
                FormattableString.Invariant($"'{path}' has {stream.Length:N0} bytes; such a file may have at most {most:N0}."), path);
        }
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    });

    /// <summary>
    /// Opens a file for reading that another process may be writing, replacing or removing; Windows refuses that unless the reader allows
    /// it.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferSize">Size of the read buffer in bytes; 0 for none.</param>
    /// <exception cref="IOException">As the system says.</exception>
    public static FileStream Open(string path, int bufferSize = 4096) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize);

    /// <summary>Runs an operation on a file and translates the system's errors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Reads it.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>FileUnreadable</c>.</exception>
    public static T Try<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"The file '{path}' doesn't exist.", path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new HyperDasException(
                "FileUnreadable", HyperDasErrorKind.ResourceUnavailable, $"'{path}' can't be read: {e.Message}", path, e);
        }
    }
}
