namespace HyperDas.Engine.Files;

/// <summary>Replaces files so that nobody ever sees half of one, not even after a power cut.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes to a temporary name in the same folder, flushes it to the disk and renames it over <paramref name="path"/>. When
    /// anything fails, the temporary file is removed and what was at <paramref name="path"/> stays.
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

    /// <summary>Finds out before long work whether its result can be written, leaving nothing behind.</summary>
    /// <param name="path">The file that will be written; its folder needn't exist.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void ThrowIfUnwritable(string path)
    {
        path = Path.GetFullPath(path);
        string place = path;
        while (!Directory.Exists(place) && Path.GetDirectoryName(place) is string above)
        {
            // Where a file is, no folder can be made; where a folder is, no file.
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
    /// Removes what a killed process left of writing a file. Only for who has the folder to himself: another writer's would go too.
    /// </summary>
    /// <param name="path">The file; its folder needn't exist.</param>
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
    /// Whether an exception says that a file can't be written. .NET calls one that gets longer than the file system or a limit
    /// allows "argument out of range".
    /// </summary>
    /// <param name="e">What a write has thrown.</param>
    internal static bool IsWriteFailure(Exception e) => e is IOException or UnauthorizedAccessException
        or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>
    /// Tries again for two seconds while another process has a file open: on Windows, scanners and indexers open what was just written, and
    /// a file that is open can't be replaced.
    /// </summary>
    /// <param name="act">What to do; it must leave nothing behind when it fails.</param>
    /// <param name="wait">Waits; for tests.</param>
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

    // The first failure is the one to report: a second one while tidying up must not hide it.
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
