using System.Buffers.Binary;
using HyperDas.Engine.Files;
using HyperDas.Engine.Numerics;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints;

/// <summary>
/// A safetensors file: opening reads only the header, and each tensor is read by position straight into its destination, so that no
/// moment sees two copies of all weights. It isn't memory-mapped: pages of a map count as the process's memory, a large model's as much
/// again, and a file that another process cuts off would end this one. Not for use from several threads at once.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    // Conversions and copies to other devices go through a buffer of this many bytes.
    private const long ChunkBytes = 16 << 20;

    private readonly Dictionary<string, SafetensorsEntry> _entries;
    private readonly SafeFileHandle _file;

    private SafetensorsFile(string path, SafeFileHandle file, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        Path = path;
        Metadata = metadata;
        _entries = entries.ToDictionary(e => e.Name);
        _file = file;
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
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.None);
            long length = RandomAccess.GetLength(file);
            byte[] header = ReadHeader(file, length, path);
            (IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata) = SafetensorsHeader.Parse(header, length, path);
            return new SafetensorsFile(path, file, entries, metadata);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw Unreadable(path, e);
        }
        catch
        {
            file?.Dispose();
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
            if (buffer is null)
            {
                Read(entry, start * size, target.bytes);
            }
            else
            {
                Tensor part = buffer.narrow(0, 0, count);
                Read(entry, start * size, part.bytes);
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
        Read(entry, start * size, values.bytes);
        return values;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private void Read(SafetensorsEntry entry, long start, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, entry.Length - start);
        try
        {
            Fill(_file, destination, entry.Offset + start, Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(Path, e);
        }
    }

    private static void Fill(SafeFileHandle file, Span<byte> destination, long offset, string path)
    {
        int read = PositionedRead.Fill(file, destination, offset);
        if (read < destination.Length)
        {
            throw SafetensorsHeader.Corrupt(path, $"it was cut off at byte {offset + read} while it was read");
        }
    }

    private SafetensorsEntry Find(string name) => _entries.TryGetValue(name, out SafetensorsEntry? entry)
        ? entry
        : throw new HyperDasException("TensorNotFound", HyperDasErrorKind.NotFound, $"'{Path}' holds no tensor '{name}'.", name);

    private static HyperDasException Unreadable(string path, Exception e) =>
        new("CheckpointUnreadable", HyperDasErrorKind.ResourceUnavailable, $"'{path}' can't be read: {e.Message}", path, e);

    private static byte[] ReadHeader(SafeFileHandle file, long fileLength, string path)
    {
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixLength];
        if (fileLength < prefix.Length)
        {
            throw SafetensorsHeader.Corrupt(path, $"its {fileLength} bytes are too few to hold the length of a header");
        }
        Fill(file, prefix, 0, path);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.MaxLength || (long)headerLength > fileLength - prefix.Length)
        {
            throw SafetensorsHeader.Corrupt(path, $"the header claims {headerLength} bytes in a file of {fileLength}");
        }
        byte[] header = new byte[headerLength];
        Fill(file, header, prefix.Length, path);
        return header;
    }
}
