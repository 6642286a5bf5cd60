namespace HyperDas.Engine.Files;

/// <summary>Reads files that others wrote, each whole, and none that is larger than anything of its kind.</summary>
internal static class WholeFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Most bytes that such a file has.</param>
    /// <param name="errorId">Identifier of the error when it has more.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>FileUnreadable</c>, or <paramref name="errorId"/>.</exception>
    public static byte[] Read(string path, long most, string errorId) => Try(path, () =>
    {
        using FileStream stream = Open(path, bufferSize: 0);
        if (stream.Length > most)
        {
            throw new HyperDasException(
                errorId, HyperDasErrorKind.InvalidData,
                FormattableString.Invariant($"'{path}' has {stream.Length:N0} bytes; such a file has at most {most:N0}."), path);
        }
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    });

    /// <summary>
    /// Opens a file for reading that another process may be writing, replacing or removing: Windows refuses
    /// that unless the reader allows it.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferSize">Bytes that are read at once; 0 for none but those asked for.</param>
    /// <exception cref="IOException">As the system says.</exception>
    public static FileStream Open(string path, int bufferSize = 4096) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize);

    /// <summary>Does something with a file, and gives what the system says against it an identifier.</summary>
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
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"There is no file '{path}'.", path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new HyperDasException(
                "FileUnreadable", HyperDasErrorKind.ResourceUnavailable, $"'{path}' can't be read: {e.Message}", path, e);
        }
    }
}
