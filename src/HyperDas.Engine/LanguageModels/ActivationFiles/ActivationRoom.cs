namespace HyperDas.Engine.LanguageModels.ActivationFiles;

/// <summary>
/// How much a process may still write to a folder of hidden states, and why it doesn't any more. Safe for several threads.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="byteLimit">Size of its files together.</param>
internal sealed class ActivationRoom(string path, long byteLimit)
{
    private readonly Lock _lock = new();
    private long _written;

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>Size that its files don't exceed, in bytes.</summary>
    public long ByteLimit => byteLimit;

    /// <summary>Why nothing is written any more; null when all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>
    /// Whether so many bytes may be written. A process writes no more than the limit, so that it doesn't push out its own files.
    /// </summary>
    /// <param name="bytes">Bytes.</param>
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

    /// <summary>Writes no more.</summary>
    /// <param name="reason">Why.</param>
    public void Fail(string reason)
    {
        lock (_lock)
        {
            Problem ??= $"The activation cache writes no more to '{path}': {reason}";
        }
    }
}
