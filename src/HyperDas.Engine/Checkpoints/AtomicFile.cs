namespace HyperDas.Engine.Checkpoints;

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
            File.Move(temporary, path, overwrite: true);
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

    /// <summary>Removes what a killed process left of writing a file. Only for who has the folder to himself: another writer's would go too.</summary>
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

    /// <summary>Whether an exception says that a file can't be written. .NET calls one that gets longer than the file system or a limit allows "argument out of range".</summary>
    /// <param name="e">What a write has thrown.</param>
    internal static bool IsWriteFailure(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

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
