using HyperDas.Engine.Files;

namespace HyperDas.Engine.LanguageModels.ActivationFiles;

/// <summary>All files of hidden states with one key: finds sequences in them and appends new ones. Thread-safe.</summary>
internal sealed class ActivationShelf : IDisposable
{
    private readonly ActivationRoom _room;
    private readonly ActivationKey _key;
    private readonly string _folder;
    private readonly Lock _lock = new();
    private readonly Dictionary<int[], ActivationPlace> _places = new(SequenceComparer.Instance);
    private readonly Dictionary<string, ActivationSegment> _segments = [];
    private readonly HashSet<string> _useless = [];
    private ActivationSegment? _open;
    private bool _closed;

    public ActivationShelf(ActivationRoom room, ActivationKey key)
    {
        _room = room;
        _key = key;
        _folder = Path.Combine(room.Path, key.Folder);
    }

    /// <summary>Looks for files that other processes have finished since.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            if (!Directory.Exists(_folder))
            {
                return;
            }
            foreach (string part in Directory.EnumerateFiles(_folder, "*" + ActivationSegment.PartExtension).Where(p => p != _open?.Path))
            {
                ActivationSegment.Rescue(part);
            }
            foreach (string file in Directory.EnumerateFiles(_folder, "*" + ActivationSegment.Extension).Order(StringComparer.Ordinal))
            {
                if (!_segments.ContainsKey(file) && !_useless.Contains(file))
                {
                    Open(file);
                }
            }
        }
    }

    /// <summary>The states of a sequence, or null when no file has them.</summary>
    /// <param name="ids">Token ids.</param>
    public byte[]? Read(int[] ids)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(ids, out ActivationPlace place))
            {
                return null;
            }
            byte[]? states = place.Segment.Read(place, ids);
            if (states is null)
            {
                _places.Remove(ids);
            }
            return states;
        }
    }

    /// <summary>
    /// Stores sequences that were computed together. On failure nothing is stored, and the folder has the reason.
    /// </summary>
    /// <param name="group">Token ids and states of each.</param>
    public void Write(IReadOnlyList<(int[] Ids, byte[] States)> group)
    {
        lock (_lock)
        {
            if (_closed || !_room.Take(group.Sum(g => (long)g.States.Length)))
            {
                return;
            }
            try
            {
                if (_open is null)
                {
                    Directory.CreateDirectory(_folder);
                    _open = ActivationSegment.Create(Path.Combine(_folder,
                        $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Guid.NewGuid():N}{ActivationSegment.PartExtension}"), _key);
                }
                ActivationPlace[] places = _open.Append(group);
                for (int i = 0; i < places.Length; i++)
                {
                    _places[group[i].Ids] = places[i];
                }
            }
            catch (Exception e) when (AtomicFile.IsWriteFailure(e))
            {
                _room.Fail(e.Message);
            }
        }
    }

    /// <summary>Finishes the file that is being written, so that other processes can use it.</summary>
    public void Seal()
    {
        lock (_lock)
        {
            if (_open is not { } open)
            {
                return;
            }
            _open = null;
            foreach ((int[] ids, _) in _places.Where(p => ReferenceEquals(p.Value.Segment, open)).ToArray())
            {
                _places.Remove(ids);
            }
            try
            {
                open.Finish();
                Open(open.Path[..^ActivationSegment.PartExtension.Length] + ActivationSegment.Extension);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                open.Dispose();
                _room.Fail(e.Message);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Seal();
        lock (_lock)
        {
            _closed = true;
            foreach (ActivationSegment segment in _segments.Values)
            {
                segment.Dispose();
            }
            _segments.Clear();
            _places.Clear();
        }
    }

    private void Open(string file)
    {
        if (ActivationSegment.TryOpen(file, _key, (ids, place) => _places.TryAdd(ids, place)) is not { } segment)
        {
            _useless.Add(file);
            return;
        }
        _segments[file] = segment;
        MarkUsed(file);
    }

    // So that others give way first.
    private static void MarkUsed(string file)
    {
        try
        {
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that can only be read keeps its order.
        }
    }
}
