namespace HyperDas.Engine.LanguageModels.ActivationFiles;

/// <summary>
/// Hidden states of target models in files, so that they outlive caches and processes: the second tier of <see cref="ActivationCache"/>.
/// Runs that share model and layer, one after the other or side by side, compute each prompt once. It is an aid: files that are damaged or
/// cut off, a full disk or a read-only folder cost time and never a result.
/// </summary>
public sealed class ActivationFolder : IDisposable
{
    /// <summary>Size that the files don't exceed unless told otherwise, in bytes.</summary>
    public const long DefaultByteLimit = 20L << 30;

    private readonly ActivationRoom _room;
    private readonly Lock _lock = new();
    private readonly Dictionary<ActivationKey, ActivationShelf> _shelves = [];

    /// <summary>Uses a folder; it is made when the first states are written.</summary>
    /// <param name="path">Absolute folder. Several processes may use it at a time.</param>
    /// <param name="byteLimit">Size of its files together; the ones that were used longest ago give way. 0: nothing is written,
    /// what is there is read.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>: a negative limit; <c>PathInvalid</c>: there is a
    /// file of that name.</exception>
    public ActivationFolder(string path, long byteLimit = DefaultByteLimit)
    {
        if (byteLimit < 0)
        {
            throw new HyperDasException("OptionInvalid", HyperDasErrorKind.InvalidArgument,
                $"The limit of the activation cache's files is {byteLimit}; it must be at least 0 bytes.", byteLimit);
        }
        if (File.Exists(path))
        {
            throw new HyperDasException(
                "PathInvalid", HyperDasErrorKind.InvalidArgument, $"'{path}' is a file; the activation cache needs a folder.", path);
        }
        _room = new ActivationRoom(path, byteLimit);
    }

    /// <summary>The folder.</summary>
    public string Path => _room.Path;

    /// <summary>Size that its files don't exceed, in bytes.</summary>
    public long ByteLimit => _room.ByteLimit;

    /// <summary>Why nothing is written any more; null when all is well.</summary>
    public string? Problem => _room.Problem;

    /// <summary>The files with a key, as they are now.</summary>
    /// <param name="key">What is wanted.</param>
    internal ActivationShelf Shelf(ActivationKey key)
    {
        ActivationShelf? shelf;
        lock (_lock)
        {
            if (!_shelves.TryGetValue(key, out shelf))
            {
                _shelves[key] = shelf = new ActivationShelf(_room, key);
            }
        }
        shelf.Refresh();
        return shelf;
    }

    /// <summary>Finishes the files that are being written and keeps the folder within its limit.</summary>
    internal void Seal()
    {
        ActivationShelf[] shelves;
        lock (_lock)
        {
            shelves = [.. _shelves.Values];
        }
        foreach (ActivationShelf shelf in shelves)
        {
            shelf.Seal();
        }
        Trim();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Seal();
        lock (_lock)
        {
            foreach (ActivationShelf shelf in _shelves.Values)
            {
                shelf.Dispose();
            }
            _shelves.Clear();
        }
    }

    private void Trim()
    {
        if (ByteLimit == 0 || !Directory.Exists(Path))
        {
            return;
        }
        try
        {
            FileInfo[] files =
            [
                .. new DirectoryInfo(Path).EnumerateFiles("*" + ActivationSegment.Extension, SearchOption.AllDirectories)
                    .OrderBy(f => f.LastWriteTimeUtc)
            ];
            long total = files.Sum(f => f.Length);
            foreach (FileInfo file in files)
            {
                if (total <= ByteLimit)
                {
                    return;
                }
                total -= file.Length;
                // Who has it open goes on reading it; on Windows it stays until then.
                file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process was faster, or the folder can only be read.
        }
    }
}
