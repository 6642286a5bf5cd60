using System.Buffers.Binary;
using System.Text.Json;
using HyperDas.Engine.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints;

/// <summary>Writes safetensors files, each in one atomic replacement.</summary>
public static class SafetensorsWriter
{
    private const long ChunkBytes = 16 << 20;
    private const int HeaderAlignment = 8;

    /// <summary>Writes tensors to a file; an existing file is replaced only when everything has been written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Names and tensors, on any device and with any layout. Wider elements come first in the file, which aligns all
    /// tensors.</param>
    /// <param name="metadata">Free-form text, or null.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>; <c>TensorNameDuplicate</c>; <c>TensorDtypeUnsupported</c>.</exception>
    public static void Write(
        string path,
        IReadOnlyList<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) => AtomicFile.Write(path, Content(path, tensors, metadata));

    /// <summary>Returns a writer of a file's content, for callers that replace files in their own way.</summary>
    /// <param name="path">The file, for errors.</param>
    /// <param name="tensors">As for <see cref="Write"/>.</param>
    /// <param name="metadata">Free-form text, or null.</param>
    /// <exception cref="HyperDasException"><c>TensorNameDuplicate</c>; <c>TensorDtypeUnsupported</c>.</exception>
    internal static Action<Stream> Content(
        string path, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        foreach ((string name, Tensor tensor) in tensors)
        {
            ThrowIfUnsupported(name, tensor, path);
        }
        KeyValuePair<string, Tensor>[] ordered = [.. tensors.OrderByDescending(t => SafetensorsDtype.ElementSize(t.Value.dtype))];
        byte[] header = Header(ordered, metadata, path);
        return stream =>
        {
            Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixLength];
            BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
            stream.Write(prefix);
            stream.Write(header);
            foreach (KeyValuePair<string, Tensor> tensor in ordered)
            {
                WriteElements(stream, tensor.Value);
            }
        };
    }

    private static void ThrowIfUnsupported(string name, Tensor tensor, string path)
    {
        if (!SafetensorsDtype.IsKnown(tensor.dtype))
        {
            throw new HyperDasException(
                "TensorDtypeUnsupported",
                HyperDasErrorKind.InvalidArgument,
                $"Tensor '{name}' for '{path}' is {tensor.dtype}; a safetensors file supports {SafetensorsDtype.KnownNames}.",
                name);
        }
    }

    private static byte[] Header(KeyValuePair<string, Tensor>[] tensors, IReadOnlyDictionary<string, string>? metadata, string path)
    {
        HashSet<string> names = [SafetensorsHeader.MetadataKey];
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach ((string key, string value) in metadata)
                {
                    json.WriteString(key, value);
                }
                json.WriteEndObject();
            }
            long offset = 0;
            foreach ((string name, Tensor tensor) in tensors)
            {
                if (!names.Add(name))
                {
                    throw new HyperDasException(
                        "TensorNameDuplicate", HyperDasErrorKind.InvalidArgument,
                        $"Two tensors for '{path}' have the name '{name}'.", name);
                }
                long end = offset + tensor.numel() * SafetensorsDtype.ElementSize(tensor.dtype);
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsDtype.Name(tensor.dtype));
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", [offset, end]);
                json.WriteEndObject();
                offset = end;
            }
            json.WriteEndObject();
        }
        while (buffer.Length % HeaderAlignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }
        return buffer.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
        {
            json.WriteNumberValue(number);
        }
        json.WriteEndArray();
    }

    private static void WriteElements(Stream stream, Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = tensor.detach().cpu().contiguous().view(-1);
        long step = ChunkBytes / SafetensorsDtype.ElementSize(tensor.dtype), total = flat.numel();
        for (long start = 0; start < total; start += step)
        {
            using Tensor chunk = flat.narrow(0, start, Math.Min(step, total - start));
            stream.Write(chunk.bytes);
        }
    }
}
