namespace HyperDas.Engine.LanguageModels.ActivationFiles;

/// <summary>The remaining size that a process may write to a folder of hidden states, and why writing stopped. Thread-safe.</summary>
/// <param name="path">The folder.</param>
/// <param name="byteLimit">Total size limit of its files.</param>
internal sealed class ActivationRoom(string path, long byteLimit)
{
    private readonly Lock _lock = new();
    private long _written;

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>Total size limit of the files, in bytes.</summary>
    public long ByteLimit => byteLimit;

    /// <summary>Why writing stopped; null if there is no problem.</summary>
    public string? Problem { get; private set; }

    /// <summary>
    /// Whether this many bytes may be written. A process writes no more than the limit, so it doesn't evict its own files.
    /// </summary>
    /// <param name="bytes">Number of bytes.</param>
    public bool Take(long bytes)
    {
        lock (_lock)
        {
            if (Problem is not null || _written + bytes > byteLimit)
            {
                return false;
            }
            _written += bytes;
            return true;
        }
    }

    /// <summary>Stops writing.</summary>
    /// <param name="reason">The reason.</param>
    public void Fail(string reason)
    {
        lock (_lock)
        {
            Problem ??= $"The activation cache stopped writing to '{path}': {reason}";
        }
    }
}
