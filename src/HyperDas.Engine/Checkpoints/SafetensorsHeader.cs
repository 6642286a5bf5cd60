using System.Text.Json;
using HyperDas.Engine.Files;
using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints;

/// <summary>
/// The JSON header of a safetensors file, checked as strictly as the format allows: a wrong byte range would otherwise be read as weights
/// unnoticed.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>Longest accepted header, as in the format's own implementation: 100 MB.</summary>
    public const long MaxLength = 100_000_000;

    /// <summary>Bytes before the JSON: its length, little-endian.</summary>
    public const int PrefixLength = 8;

    public const string MetadataKey = "__metadata__";

    /// <summary>libtorch's own limit.</summary>
    public const int MaxDimensions = 64;

    private const int MaxDtypeLength = 32;

    /// <summary>Parses and checks a header.</summary>
    /// <param name="json">The header's bytes, without the length before it.</param>
    /// <param name="fileLength">Length of the whole file in bytes.</param>
    /// <param name="path">The file, for messages.</param>
    /// <returns>The tensors, and the metadata.</returns>
    public static (TensorTable Index, IReadOnlyDictionary<string, string> Metadata) Parse(
        ReadOnlyMemory<byte> json, long fileLength, string path)
    {
        List<(string Name, string Dtype, long[] Shape, long Offset, long Length)> entries = [];
        Dictionary<string, string> metadata = [];
        long dataStart = PrefixLength + json.Length;
        try
        {
            using JsonDocument document = StrictJson.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Corrupt(path, "the header isn't a JSON object");
            }
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataKey)
                {
                    ReadMetadata(property.Value, metadata, path);
                }
                else
                {
                    entries.Add(ReadEntry(property, dataStart, fileLength, path));
                }
            }
        }
        catch (JsonException e)
        {
            throw Corrupt(path, $"the header isn't valid JSON: {e.Message}", e);
        }
        entries.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Length.CompareTo(b.Length));
        CheckContiguous(entries, dataStart, fileLength, path);
        Dictionary<string, string> unreadable = [];
        List<TensorEntry> readable = [];
        foreach ((string name, string dtype, long[] shape, long offset, long length) in entries)
        {
            if (SafetensorsDtype.TryParse(dtype, out ScalarType type))
            {
                readable.Add(new TensorEntry(name, type, shape, offset, length));
            }
            else
            {
                unreadable.Add(name, dtype);
            }
        }
        return (new TensorTable(readable, unreadable), metadata);
    }

    public static HyperDasException Corrupt(string path, string what, Exception? inner = null) =>
        new("CheckpointCorrupt", HyperDasErrorKind.InvalidData, $"'{path}' isn't a valid safetensors file: {what}.", path, inner);

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Corrupt(path, $"'{MetadataKey}' isn't an object");
        }
        foreach (JsonProperty pair in element.EnumerateObject())
        {
            if (pair.Value.ValueKind != JsonValueKind.String)
            {
                throw Corrupt(path, $"the value of '{pair.Name}' in '{MetadataKey}' isn't a string");
            }
            metadata.Add(pair.Name, pair.Value.GetString() ?? "");
        }
    }

    private static (string Name, string Dtype, long[] Shape, long Offset, long Length) ReadEntry(
        JsonProperty property, long dataStart, long fileLength, string path)
    {
        string name = property.Name;
        JsonElement value = property.Value;
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out JsonElement dtype)
            || !value.TryGetProperty("shape", out JsonElement shape)
            || !value.TryGetProperty("data_offsets", out JsonElement offsets))
        {
            throw Corrupt(path, $"tensor '{name}' has no dtype, shape or data_offsets");
        }
        if (dtype.ValueKind != JsonValueKind.String || dtype.GetString() is not { Length: > 0 and <= MaxDtypeLength } type)
        {
            throw Corrupt(path, $"tensor '{name}' has dtype {dtype.GetRawText()}; it must be a name such as {SafetensorsDtype.KnownNames}");
        }
        long[] sizes = ReadNaturals(shape, name, "shape", path);
        long[] range = ReadNaturals(offsets, name, "data_offsets", path);
        if (range.Length != 2 || range[0] > range[1] || range[1] > fileLength - dataStart)
        {
            throw Corrupt(path,
                $"tensor '{name}' has data_offsets {offsets.GetRawText()}, but the file has {fileLength - dataStart} bytes of data");
        }
        if (sizes.Length > MaxDimensions)
        {
            throw Corrupt(path, $"tensor '{name}' has {sizes.Length} dimensions; at most {MaxDimensions} are possible");
        }
        // Unknown types have no known size.
        if (SafetensorsDtype.ElementSize(type) is int size
            && (!TryByteLength(sizes, size, out long length) || length != range[1] - range[0]))
        {
            throw Corrupt(path,
                $"tensor '{name}' of shape [{string.Join(", ", sizes)}] and dtype {type} doesn't fit its {range[1] - range[0]} bytes");
        }
        return (name, type, sizes, dataStart + range[0], range[1] - range[0]);
    }

    private static long[] ReadNaturals(JsonElement element, string name, string key, string path)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            throw Corrupt(path, $"{key} of tensor '{name}' isn't an array");
        }
        long[] numbers = new long[element.GetArrayLength()];
        for (int i = 0; i < numbers.Length; i++)
        {
            JsonElement item = element[i];
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out numbers[i]) || numbers[i] < 0)
            {
                throw Corrupt(path, $"{key} of tensor '{name}' contains {item.GetRawText()}, which isn't a nonnegative integer");
            }
        }
        return numbers;
    }

    /// <summary>Size of a tensor in bytes; false where it, or a stride, exceeds 64 bits.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="elementSize">Bytes of an element.</param>
    /// <param name="length">The bytes.</param>
    public static bool TryByteLength(long[] shape, int elementSize, out long length)
    {
        length = elementSize;
        // Zeros last: the strides of an empty tensor are products of its other sizes, which mustn't overflow either.
        foreach (long size in shape.OrderDescending())
        {
            if (size > long.MaxValue / Math.Max(1, length))
            {
                return false;
            }
            length *= size;
        }
        return true;
    }

    private static void CheckContiguous(
        List<(string Name, string Dtype, long[] Shape, long Offset, long Length)> entries, long dataStart, long fileLength, string path)
    {
        long next = dataStart;
        foreach ((string name, _, _, long offset, long length) in entries)
        {
            if (offset != next)
            {
                throw Corrupt(path, offset < next
                    ? $"tensor '{name}' overlaps another one"
                    : $"{offset - next} bytes before tensor '{name}' belong to no tensor");
            }
            next += length;
        }
        if (next != fileLength)
        {
            throw Corrupt(path, $"{fileLength - next} bytes at the end belong to no tensor");
        }
    }
}
