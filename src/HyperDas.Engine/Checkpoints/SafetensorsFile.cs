using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints;

/// <summary>
/// A safetensors file, memory-mapped: opening reads only the header, and each tensor is copied from the map straight into its
/// destination, so that no moment sees two copies of all weights. Not for use from several threads at once.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    // Conversions and copies to other devices go through a buffer of this many bytes.
    private const long ChunkBytes = 16 << 20;

    private readonly Dictionary<string, SafetensorsEntry> _entries;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _bytes;

    private SafetensorsFile(string path, MemoryMappedFile map, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        Path = path;
        Metadata = metadata;
        _entries = entries.ToDictionary(e => e.Name);
        _map = map;
        _view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _bytes);
        _bytes += _view.PointerOffset;
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    /// <summary>Free-form text that the writer left, e.g. <c>format</c> = <c>pt</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header: lengths, dtypes, shapes, and that the byte ranges tile the file exactly.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>; <c>CheckpointCorrupt</c>.</exception>
    public static SafetensorsFile Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (!File.Exists(path))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"There is no file '{path}'.", path);
        }
        MemoryMappedFile? map = null;
        try
        {
            FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            map = MapNonEmpty(stream, path, out byte[] header, out long fileLength);
            (IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata) = SafetensorsHeader.Parse(header, fileLength, path);
            return new SafetensorsFile(path, map, entries, metadata);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            map?.Dispose();
            throw new HyperDasException("CheckpointUnreadable", HyperDasErrorKind.ResourceUnavailable, $"'{path}' can't be read: {e.Message}", path, e);
        }
        catch
        {
            map?.Dispose();
            throw;
        }
    }

    /// <summary>Copies one tensor out of the file.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="dtype">Element type of the result; null: as stored.</param>
    /// <param name="device">Where the result lives; null: CPU.</param>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>.</exception>
    public Tensor Load(string name, ScalarType? dtype = null, Device? device = null)
    {
        SafetensorsEntry entry = Find(name);
        TorchRuntime.EnsureLoaded();
        Tensor tensor = empty(entry.Shape, dtype: dtype ?? entry.Dtype, device: device ?? CPU);
        try
        {
            LoadInto(name, tensor);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Copies one tensor out of the file into an existing, contiguous one of the same shape, converting if needed.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="destination">Where the values go; any element type and device.</param>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>; <c>TensorShapeMismatch</c>.</exception>
    public void LoadInto(string name, Tensor destination)
    {
        SafetensorsEntry entry = Find(name);
        if (!destination.shape.AsSpan().SequenceEqual(entry.Shape))
        {
            throw ModelCheckpoint.ShapeMismatch(Path, entry, destination.shape);
        }
        if (entry.ElementCount == 0)
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor flat = destination.view(-1);
        // A stored bool may be any byte; libtorch wants 0 or 1, so bools are converted from bytes.
        ScalarType stored = entry.Dtype == ScalarType.Bool ? ScalarType.Byte : entry.Dtype;
        bool direct = stored == destination.dtype && destination.device_type == DeviceType.CPU;
        int size = SafetensorsDtype.ElementSize(stored);
        long step = ChunkBytes / size;
        Tensor? buffer = direct ? null : empty([Math.Min(step, entry.ElementCount)], dtype: stored);
        for (long start = 0; start < entry.ElementCount; start += step)
        {
            using DisposeScope chunk = NewDisposeScope();
            long count = Math.Min(step, entry.ElementCount - start);
            Tensor target = flat.narrow(0, start, count);
            ReadOnlySpan<byte> source = Bytes(entry, start * size, count * size);
            if (buffer is null)
            {
                source.CopyTo(target.bytes);
            }
            else
            {
                Tensor part = buffer.narrow(0, 0, count);
                source.CopyTo(part.bytes);
                target.copy_(part);
            }
        }
    }

    /// <summary>Copies some values of a tensor, in row-major order, in their stored element type.</summary>
    /// <returns><c>[count]</c>.</returns>
    internal Tensor LoadRange(string name, long start, long count)
    {
        SafetensorsEntry entry = Find(name);
        TorchRuntime.EnsureLoaded();
        Tensor values = empty([count], dtype: entry.Dtype);
        int size = SafetensorsDtype.ElementSize(entry.Dtype);
        Bytes(entry, start * size, count * size).CopyTo(values.bytes);
        return values;
    }

    private ReadOnlySpan<byte> Bytes(SafetensorsEntry entry, long start, long length)
    {
        ObjectDisposedException.ThrowIf(_bytes is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, entry.Length - start);
        return new ReadOnlySpan<byte>(_bytes + entry.Offset + start, checked((int)length));
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        if (_bytes is not null)
        {
            _bytes = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map.Dispose();
        }
    }

    private SafetensorsEntry Find(string name) => _entries.TryGetValue(name, out SafetensorsEntry? entry)
        ? entry
        : throw new HyperDasException("TensorNotFound", HyperDasErrorKind.NotFound, $"'{Path}' holds no tensor '{name}'.", name);

    private static MemoryMappedFile MapNonEmpty(FileStream stream, string path, out byte[] header, out long fileLength)
    {
        try
        {
            fileLength = stream.Length;
            Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixLength];
            if (fileLength < prefix.Length || stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
            {
                throw SafetensorsHeader.Corrupt(path, $"its {fileLength} bytes are too few to hold the length of a header");
            }
            ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (headerLength > SafetensorsHeader.MaxLength || (long)headerLength > fileLength - prefix.Length)
            {
                throw SafetensorsHeader.Corrupt(path, $"the header claims {headerLength} bytes in a file of {fileLength}");
            }
            header = new byte[headerLength];
            stream.ReadExactly(header);
            return MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
