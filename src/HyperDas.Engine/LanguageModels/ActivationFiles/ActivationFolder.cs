namespace HyperDas.Engine.LanguageModels.ActivationFiles;

/// <summary>
/// Hidden states of target models in files, which outlive caches and processes: the second tier of <see cref="ActivationCache"/>. Runs with
/// the same model and layer, successive or concurrent, compute each prompt once. Damaged or truncated files, a full disk or a read-only
/// folder cost time but never affect a result.
/// </summary>
public sealed class ActivationFolder : IDisposable
{
    /// <summary>Default size limit of the files, in bytes.</summary>
    public const long DefaultByteLimit = 20L << 30;

    private readonly ActivationRoom _room;
    private readonly Lock _lock = new();
    private readonly Dictionary<ActivationKey, ActivationShelf> _shelves = [];

    /// <summary>Uses a folder, which is created when the first states are written.</summary>
    /// <param name="path">Absolute folder. Several processes may use it at the same time.</param>
    /// <param name="byteLimit">Total size limit; the least recently used files are deleted first. With 0, files are read but not
    /// written.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>: a negative limit; <c>PathInvalid</c>: there is a
    /// file of that name.</exception>
    public ActivationFolder(string path, long byteLimit = DefaultByteLimit)
    {
        if (byteLimit < 0)
        {
            throw new HyperDasException("OptionInvalid", HyperDasErrorKind.InvalidArgument,
                $"The size limit of the activation cache's files is {byteLimit}; it must be at least 0 bytes.", byteLimit);
        }
        if (File.Exists(path))
        {
            throw new HyperDasException(
                "PathInvalid", HyperDasErrorKind.InvalidArgument,
                $"'{path}' is a file; it must be a folder for the activation cache.", path);
        }
        _room = new ActivationRoom(path, byteLimit);
    }

    /// <summary>The folder.</summary>
    public string Path => _room.Path;

    /// <summary>Total size limit of the files, in bytes.</summary>
    public long ByteLimit => _room.ByteLimit;

    /// <summary>Why writing stopped; null if there is no problem.</summary>
    public string? Problem => _room.Problem;

    /// <summary>The current files with a key.</summary>
    /// <param name="key">The key.</param>
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

    /// <summary>Completes the files being written and enforces the folder's size limit.</summary>
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
                // Processes that have it open can still read it; on Windows it exists until they close it.
                file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process was faster, or the folder is read-only.
        }
    }
}
