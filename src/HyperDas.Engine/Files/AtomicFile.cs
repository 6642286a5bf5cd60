namespace HyperDas.Engine.Files;

/// <summary>Replaces files atomically: no reader ever sees an incomplete file, not even after a power cut.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes to a temporary name in the same folder, flushes it to disk and renames it over <paramref name="path"/>. On failure, the
    /// temporary file is removed and the existing file at <paramref name="path"/> is kept.
    /// </summary>
    /// <param name="path">The file to write; its folder is created if needed.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? path);
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            Patiently(() => File.Move(temporary, path, overwrite: true));
        }
        catch (Exception e) when (IsWriteFailure(e))
        {
            Remove(temporary);
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError, $"'{path}' couldn't be written: {e.Message}", path, e);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    /// <summary>Checks before a long operation whether its result can be written, without leaving anything behind.</summary>
    /// <param name="path">The file that will be written; its folder doesn't have to exist.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void ThrowIfUnwritable(string path)
    {
        path = Path.GetFullPath(path);
        string place = path;
        while (!Directory.Exists(place) && Path.GetDirectoryName(place) is string above)
        {
            // A file prevents creating a folder of the same name, and vice versa.
            if (place != path && File.Exists(place))
            {
                throw Unwritable($"'{place}' is a file.", null);
            }
            place = above;
        }
        if (place == path)
        {
            throw Unwritable("it is a folder.", null);
        }
        try
        {
            using FileStream trial = new(Path.Combine(place, $".{Guid.NewGuid():N}.tmp"), FileMode.CreateNew, FileAccess.Write,
                FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (IsWriteFailure(e))
        {
            throw Unwritable(e.Message, e);
        }

        HyperDasException Unwritable(string why, Exception? e) => new(
            "WriteFailed", HyperDasErrorKind.WriteError, $"'{path}' couldn't be written: {why}", path, e);
    }

    /// <summary>
    /// Removes the temporary files of a killed process. Use it only if no other process writes to the folder, because its temporary files
    /// would be removed, too.
    /// </summary>
    /// <param name="path">The file; its folder doesn't have to exist.</param>
    public static void RemoveUnfinished(string path)
    {
        path = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(path) ?? path;
        if (Directory.Exists(folder))
        {
            foreach (string temporary in Directory.EnumerateFiles(folder, Path.GetFileName(path) + ".*.tmp"))
            {
                Remove(temporary);
            }
        }
    }

    /// <summary>
    /// Whether an exception means that a file can't be written. If a file exceeds the limit of the file system or of the process, .NET
    /// reports "argument out of range".
    /// </summary>
    /// <param name="e">The exception from a write.</param>
    internal static bool IsWriteFailure(Exception e) => e is IOException or UnauthorizedAccessException
        or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>
    /// Retries for two seconds while another process has a file open: on Windows, scanners and indexers open new files, and an open file
    /// can't be replaced.
    /// </summary>
    /// <param name="act">The action; it must leave nothing behind when it fails.</param>
    /// <param name="wait">Wait function; for tests.</param>
    internal static void Patiently(Action act, Action<TimeSpan>? wait = null)
    {
        const int Tries = 8;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                act();
                return;
            }
            catch (Exception e) when (attempt < Tries && IsInUse(e))
            {
                (wait ?? Thread.Sleep)(TimeSpan.FromMilliseconds(15 << attempt));
            }
        }
    }

    // ERROR_ACCESS_DENIED (replacing an open file), ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows; no
    // other system has these numbers.
    private static bool IsInUse(Exception e) => e.HResult is unchecked((int)0x80070005) or unchecked((int)0x80070020)
        or unchecked((int)0x80070021)
        && (e is IOException || OperatingSystem.IsWindows());

    // The first failure is reported: a second one during cleanup must not hide it.
    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
