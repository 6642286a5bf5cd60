using System.Buffers.Binary;
using HyperDas.Engine.Files;
using Microsoft.Win32.SafeHandles;

namespace HyperDas.Engine.Checkpoints;

/// <summary>A safetensors file.</summary>
public sealed class SafetensorsFile : TensorFile
{
    private SafetensorsFile(string path, SafeFileHandle file, TensorTable index, IReadOnlyDictionary<string, string> metadata)
        : base(path, file, index) => Metadata = metadata;

    /// <summary>Free-form text from the writer, e.g. <c>format</c> = <c>pt</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header: lengths, dtypes, shapes, and that the byte ranges tile the file exactly.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>; <c>CheckpointCorrupt</c>; <c>CheckpointUnreadable</c>.</exception>
    public static SafetensorsFile Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        return Open(path, file =>
        {
            long length = RandomAccess.GetLength(file);
            byte[] header = ReadHeader(file, length, path);
            (TensorTable index, IReadOnlyDictionary<string, string> metadata) = SafetensorsHeader.Parse(header, length, path);
            return new SafetensorsFile(path, file, index, metadata);
        });
    }

    /// <inheritdoc/>
    private protected override HyperDasException Corrupt(string what) => SafetensorsHeader.Corrupt(Path, what);

    private static byte[] ReadHeader(SafeFileHandle file, long fileLength, string path)
    {
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixLength];
        if (fileLength < prefix.Length)
        {
            throw SafetensorsHeader.Corrupt(path, $"its {fileLength} bytes are too few for the length of a header");
        }
        Fill(file, prefix, 0, path);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.MaxLength || (long)headerLength > fileLength - prefix.Length)
        {
            // A server's answer instead of a file.
            throw SafetensorsHeader.Corrupt(path, prefix[0] is (byte)'<' or (byte)'{'
                ? $"it begins with '{System.Text.Encoding.Latin1.GetString(prefix)}', as a web page or a message does; download it again"
                : $"the header declares {headerLength} bytes in a file of {fileLength}");
        }
        byte[] header = new byte[headerLength];
        Fill(file, header, prefix.Length, path);
        return header;
    }

    private static void Fill(SafeFileHandle file, Span<byte> destination, long offset, string path)
    {
        int read = PositionedRead.Fill(file, destination, offset);
        if (read < destination.Length)
        {
            throw SafetensorsHeader.Corrupt(path, $"it was truncated at byte {offset + read} while it was read");
        }
    }
}
