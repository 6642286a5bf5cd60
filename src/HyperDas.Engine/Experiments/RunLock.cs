namespace HyperDas.Engine.Experiments;

/// <summary>
/// Keeps a second process out of a run's folder. The operating system holds the lock for the process, so that it is gone when the process
/// is, however it ended; the empty file stays.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const string LockFile = ".lock";
    private readonly FileStream _held;

    private RunLock(FileStream held) => _held = held;

    /// <summary>Locks a folder, which is made if needed.</summary>
    /// <param name="folder">Absolute folder.</param>
    /// <exception cref="HyperDasException"><c>RunLocked</c>: another process has it; <c>WriteFailed</c>: it can't be written to.</exception>
    public static RunLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new RunLock(new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new HyperDasException(
                "RunLocked", HyperDasErrorKind.ResourceUnavailable, $"Another process works on the run in '{folder}' now. Wait for it, stop it, or choose another folder.", folder, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError, $"The run can't be written to '{folder}': {e.Message}", folder, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    // EWOULDBLOCK of Linux and macOS, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows.
    private static bool IsHeldByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);
}
