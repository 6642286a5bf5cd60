using HyperDas.Engine.Files;
using HyperDas.Engine.Numerics;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints;

/// <summary>
/// A file with named tensors: opening reads only their positions, and each tensor is read straight into its destination, which avoids
/// holding two copies of all weights at once. The file isn't memory-mapped: mapped pages count towards the process's memory, doubling that
/// of a large model, and another process that truncates the file would crash this one. Not thread-safe.
/// </summary>
public abstract class TensorFile : IDisposable
{
    // Size of the buffer for conversions and copies to other devices, in bytes.
    private const long ChunkBytes = 16 << 20;

    private readonly Dictionary<string, TensorEntry> _entries;
    private readonly SafeFileHandle _file;

    /// <summary>Takes ownership of an open file.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="file">The file; disposed with this object.</param>
    /// <param name="index">Its tensors.</param>
    private protected TensorFile(string path, SafeFileHandle file, TensorTable index)
    {
        Path = path;
        _entries = index.Entries.ToDictionary(e => e.Name);
        _file = file;
        Unreadable = index.Unreadable;
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

    /// <summary>Names of tensors with unsupported element types, and the type of each, e.g. <c>F8_E4M3</c>.</summary>
    public IReadOnlyDictionary<string, string> Unreadable { get; }

    /// <summary>Copies one tensor out of the file.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="dtype">Element type of the result; null: as stored.</param>
    /// <param name="device">Device of the result; null: CPU.</param>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>; <c>TensorDtypeUnsupported</c>.</exception>
    public Tensor Load(string name, ScalarType? dtype = null, Device? device = null)
    {
        TensorEntry entry = Find(name);
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
    /// <param name="destination">The destination, of any element type and on any device.</param>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>; <c>TensorDtypeUnsupported</c>; <c>TensorShapeMismatch</c>.</exception>
    public void LoadInto(string name, Tensor destination)
    {
        TensorEntry entry = Find(name);
        if (!destination.shape.AsSpan().SequenceEqual(entry.Shape))
        {
            throw ShapeMismatch(entry, destination.shape);
        }
        if (entry.ElementCount == 0)
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        // A stored bool may be any byte; libtorch requires 0 or 1, so bools are converted from bytes.
        ScalarType stored = entry.Dtype == ScalarType.Bool ? ScalarType.Byte : entry.Dtype;
        if (entry.Strides is { } strides)
        {
            Tensor span = empty([entry.Length / SafetensorsDtype.ElementSize(stored)], dtype: stored);
            FillChunks(entry, span);
            destination.copy_(span.as_strided(entry.Shape, strides));
            return;
        }
        FillChunks(entry, destination.view(-1));
    }

    /// <summary>Copies a range of a tensor's values, in row-major order, in their stored element type.</summary>
    /// <returns><c>[count]</c>.</returns>
    internal Tensor LoadRange(string name, long start, long count)
    {
        TensorEntry entry = Find(name);
        TorchRuntime.EnsureLoaded();
        if (entry.Strides is not null)
        {
            using Tensor whole = Load(name);
            return whole.view(-1).narrow(0, start, count).clone();
        }
        Tensor values = empty([count], dtype: entry.Dtype);
        Read(entry, start * SafetensorsDtype.ElementSize(entry.Dtype), values.bytes);
        return values;
    }

    /// <summary>The file's entry of a tensor.</summary>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>; <c>TensorDtypeUnsupported</c>.</exception>
    internal TensorEntry Find(string name) => _entries.TryGetValue(name, out TensorEntry? entry) ? entry
        : Unreadable.TryGetValue(name, out string? how) ? throw new HyperDasException(
            "TensorDtypeUnsupported", HyperDasErrorKind.InvalidData,
            $"Tensor '{name}' in '{Path}' is stored as {how}; the supported formats are {SafetensorsDtype.KnownNames}.", name)
        : throw new HyperDasException("TensorNotFound", HyperDasErrorKind.NotFound, $"'{Path}' contains no tensor '{name}'.", name);

    /// <summary>The error about a tensor of another shape.</summary>
    internal HyperDasException ShapeMismatch(TensorEntry entry, long[] expected) => new(
        "TensorShapeMismatch",
        HyperDasErrorKind.InvalidData,
        $"Tensor '{entry.Name}' in '{Path}' has shape [{string.Join(", ", entry.Shape)}]; the configuration asks for [{string.Join(", ", expected)}].",
        entry.Name);

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _file.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The error about a damaged file.</summary>
    /// <param name="what">What is wrong.</param>
    private protected abstract HyperDasException Corrupt(string what);

    /// <summary>Opens a file for reading by position and reads its content; closes it on failure.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="read">Creates the result, which takes ownership of the handle.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>; <c>CheckpointUnreadable</c>; what
    /// <paramref name="read"/> throws.</exception>
    private protected static T Open<T>(string path, Func<SafeFileHandle, T> read)
    {
        if (!File.Exists(path))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"The file '{path}' doesn't exist.", path);
        }
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.None);
            return read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw Unreadably(path, e);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    private void FillChunks(TensorEntry entry, Tensor flat)
    {
        ScalarType stored = entry.Dtype == ScalarType.Bool ? ScalarType.Byte : entry.Dtype;
        bool direct = stored == flat.dtype && flat.device_type == DeviceType.CPU;
        int size = SafetensorsDtype.ElementSize(stored);
        long total = flat.numel(), step = ChunkBytes / size;
        Tensor? buffer = direct ? null : empty([Math.Min(step, total)], dtype: stored);
        for (long start = 0; start < total; start += step)
        {
            using DisposeScope chunk = NewDisposeScope();
            long count = Math.Min(step, total - start);
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

    private void Read(TensorEntry entry, long start, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, entry.Length - start);
        try
        {
            int read = PositionedRead.Fill(_file, destination, entry.Offset + start);
            if (read < destination.Length)
            {
                throw Corrupt($"it was truncated at byte {entry.Offset + start + read} while it was read");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadably(Path, e);
        }
    }

    private static HyperDasException Unreadably(string path, Exception e) =>
        new("CheckpointUnreadable", HyperDasErrorKind.ResourceUnavailable, $"'{path}' can't be read: {e.Message}", path, e);
}
