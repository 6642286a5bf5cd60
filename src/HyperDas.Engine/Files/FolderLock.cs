using System.Diagnostics;

namespace HyperDas.Engine.Files;

/// <summary>
/// Locks a folder against other processes. The operating system releases the lock when the process ends, for whatever reason; a note beside
/// it identifies the holder.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const string LockFile = "lock";
    private const string OwnerFile = "lock.owner";
    private const int MostLooks = 4;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(25);

    private readonly string? _owner;
    private readonly FileStream _held;

    private FolderLock(string? owner, FileStream held)
    {
        _owner = owner;
        _held = held;
    }

    /// <summary>Locks a folder, which is created if needed.</summary>
    /// <param name="folder">Absolute folder.</param>
    /// <param name="errorId">Error id if another process holds the lock.</param>
    /// <param name="work">The operation, for display, e.g. <c>training</c>.</param>
    /// <exception cref="HyperDasException"><paramref name="errorId"/>: another process has it; <c>WriteFailed</c>: it
    /// can't be written to.</exception>
    public static FolderLock Take(string folder, string errorId, string work) => Take(folder, errorId, work, FileShare.None);

    /// <summary>Locks a folder, which is created if needed, unless another process holds the lock.</summary>
    /// <param name="folder">Absolute folder.</param>
    /// <param name="work">As <see cref="Take(string, string, string)"/>.</param>
    /// <returns>Null if another process holds the lock.</returns>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>: it can't be written to.</exception>
    public static FolderLock? TryTake(string folder, string work)
    {
        const string Held = "FolderHeld";
        try
        {
            return Take(folder, Held, work);
        }
        catch (HyperDasException e) when (e.ErrorId == Held)
        {
            return null;
        }
    }

    /// <summary>Takes a shared lock on a folder, which excludes only exclusive locks.</summary>
    /// <param name="folder">Absolute folder; it is created if needed.</param>
    /// <param name="errorId">Error id if another process holds an exclusive lock.</param>
    /// <param name="work">As <see cref="Take(string, string, string)"/>.</param>
    /// <exception cref="HyperDasException">As <see cref="Take(string, string, string)"/>.</exception>
    public static FolderLock Share(string folder, string errorId, string work) => Take(folder, errorId, work, FileShare.Read);

    private static FolderLock Take(string folder, string errorId, string work, FileShare share)
    {
        string owner = Path.Combine(folder, OwnerFile);
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(folder);
            held = Open(Path.Combine(folder, LockFile), share);
            if (share != FileShare.None)
            {
                // The owner's note would be wrong as soon as that one of several has ended.
                return new FolderLock(null, held);
            }
            using Process process = Process.GetCurrentProcess();
            File.WriteAllText(owner, FormattableString.Invariant(
                $"process {process.Id} ({process.ProcessName}) on {Environment.MachineName}, since {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm:ss}Z"));
            return new FolderLock(owner, held);
        }
        catch (IOException e) when (held is null && IsHeldByAnother(e))
        {
            throw new HyperDasException(
                errorId, HyperDasErrorKind.ResourceUnavailable,
                $"'{folder}' belongs to a {work} in progress: {Owner(owner)}. Wait for it, stop it, or choose another folder.",
                folder, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new HyperDasException(
                "WriteFailed", HyperDasErrorKind.WriteError, $"The {work} can't write to '{folder}': {e.Message}", folder, e);
        }
    }

    /// <summary>The process that currently holds a folder's lock.</summary>
    /// <param name="folder">The folder; it doesn't have to exist, and nothing in it is changed.</param>
    /// <returns>Process, machine and start time; null if the folder isn't locked.</returns>
    public static string? HolderOf(string folder)
    {
        string owner = Path.Combine(folder, OwnerFile);
        if (!File.Exists(owner))
        {
            return null;
        }
        try
        {
            using FileStream look = new(
                Path.Combine(folder, LockFile), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return null;
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            return Owner(owner);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            if (_owner is not null)
            {
                File.Delete(_owner);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The note has no meaning without the lock.
        }
        _held.Dispose();
    }

    // A process that only checks the lock opens the file briefly: this retries until it is closed.
    private static FileStream Open(string file, FileShare share)
    {
        for (int looks = 0; ; looks++)
        {
            try
            {
                FileAccess access = share == FileShare.None ? FileAccess.ReadWrite : FileAccess.Read;
                return new FileStream(file, FileMode.OpenOrCreate, access, share);
            }
            catch (IOException e) when (looks < MostLooks && IsHeldByAnother(e))
            {
                Thread.Sleep(s_look);
            }
        }
    }

    // EWOULDBLOCK of Linux and macOS, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows.
    private static bool IsHeldByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);

    private static string Owner(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "a process that is starting or ending, or several that share it";
        }
    }
}
