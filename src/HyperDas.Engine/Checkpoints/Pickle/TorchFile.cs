using HyperDas.Engine.Files;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>
/// A state dictionary that PyTorch's <c>torch.save</c> wrote, as a zip archive or in the format before version 1.6. Only the descriptions
/// of tensors in its pickle are read; nothing is executed, and any other name is an error.
/// </summary>
public sealed class TorchFile : TensorFile
{
    private TorchFile(string path, SafeFileHandle file, TensorTable index)
        : base(path, file, index)
    {
    }

    /// <summary>Opens a file. Only its pickle is read.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>; <c>CheckpointCorrupt</c>; <c>CheckpointUnreadable</c>; <c>CheckpointUnsafe</c>: it asks for more than tensors;
    /// <c>ModelFormatUnsupported</c>: it holds something else than tensors by name.
    /// </exception>
    public static TorchFile Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        return Open(path, file =>
        {
            try
            {
                byte[] head = new byte[4];
                PositionedRead.Fill(file, head, 0);
                TorchContent content = head is [(byte)'P', (byte)'K', 3, 4] ? TorchArchive.Read(file)
                    : head[0] == 0x80 ? TorchLegacy.Read(file)
                    : throw new PickleException("it doesn't begin like a torch.save file");
                return new TorchFile(path, file, IndexOf(content, path));
            }
            catch (PickleException e) when (e.Refused is { } name)
            {
                throw new HyperDasException(
                    "CheckpointUnsafe", HyperDasErrorKind.InvalidData,
                    $"'{path}' asks for '{name}', which tensors don't need. Python would run it; here nothing was run. "
                    + "Use the model's safetensors files instead, or save only its state dictionary.", path, e);
            }
            catch (PickleException e)
            {
                throw Corrupt(path, e.Message, e);
            }
        });
    }

    /// <inheritdoc/>
    private protected override HyperDasException Corrupt(string what) => Corrupt(Path, what);

    private static HyperDasException Corrupt(string path, string what, Exception? inner = null) =>
        new("CheckpointCorrupt", HyperDasErrorKind.InvalidData, $"'{path}' isn't a valid torch.save file: {what}.", path, inner);

    private static TensorTable IndexOf(TorchContent content, string path)
    {
        PickleDictionary root = content.Root as PickleDictionary
            ?? throw Other(path, content.Root is PickledTensor ? "a single tensor" : "no dictionary");
        Dictionary<string, PickledTensor> tensors = new(StringComparer.Ordinal);
        foreach ((object? key, object? value) in root.Pairs)
        {
            if (key is string name && value is PickledTensor tensor)
            {
                tensors[name] = tensor;
            }
        }
        if (tensors.Count == 0)
        {
            string keys = string.Join(", ", root.Pairs.Select(p => p.Key).OfType<string>().Take(5));
            throw Other(path, keys.Length == 0 ? "an empty dictionary" : $"a dictionary of {keys}");
        }
        List<TensorEntry> entries = [];
        Dictionary<string, string> unreadable = new(StringComparer.Ordinal);
        foreach ((string name, PickledTensor tensor) in tensors)
        {
            if (EntryOf(name, tensor, content.Storages, out string how) is { } entry)
            {
                entries.Add(entry);
            }
            else
            {
                unreadable.Add(name, how);
            }
        }
        return new TensorTable(entries, unreadable);
    }

    // Null if unsupported, with the name of its type.
    private static TensorEntry? EntryOf(
        string name, PickledTensor tensor, IReadOnlyDictionary<string, (long Offset, long Length)> storages, out string how)
    {
        how = tensor.Dtype;
        if (!SafetensorsDtype.TryParse(tensor.Dtype, out ScalarType type))
        {
            return null;
        }
        int size = SafetensorsDtype.ElementSize(type);
        (long start, long length) = storages[tensor.Storage.Key];
        long[] shape = tensor.Shape, strides = tensor.Strides;
        if (!SafetensorsHeader.TryByteLength(shape, size, out long bytes))
        {
            throw new PickleException($"tensor '{name}' of shape [{string.Join(", ", shape)}] is larger than any");
        }
        if (bytes == 0)
        {
            return new TensorEntry(name, type, shape, start, 0);
        }
        Int128 last = 0;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            last += (Int128)(shape[axis] - 1) * strides[axis];
        }
        if (((Int128)tensor.Offset + last + 1) * size > length)
        {
            throw new PickleException(
                $"tensor '{name}' of shape [{string.Join(", ", shape)}] extends beyond its storage of {length} bytes");
        }
        long span = ((long)last + 1) * size;
        if (span < bytes)
        {
            how = "a view with repeated numbers";
            return null;
        }
        return new TensorEntry(
            name, type, shape, start + (tensor.Offset * size), span) { Strides = IsDense(shape, strides) ? null : strides };
    }

    private static bool IsDense(long[] shape, long[] strides)
    {
        long next = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            if (shape[axis] != 1 && strides[axis] != next)
            {
                return false;
            }
            next *= shape[axis];
        }
        return true;
    }

    private static HyperDasException Other(string path, string what) => new(
        "ModelFormatUnsupported", HyperDasErrorKind.InvalidData,
        $"'{path}' contains {what}; it must be a state dictionary, as torch.save(model.state_dict(), ...) writes it.", path);
}
