using System.Buffers.Binary;
using System.Text;
using HyperDas.Engine.Files;
using Microsoft.Win32.SafeHandles;

namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>
/// The records of an uncompressed zip archive, as <c>torch.save</c> writes it, with their positions in the file. System.IO.Compression
/// doesn't expose the positions and would require copying weights through a stream.
/// </summary>
internal static class StoredZip
{
    private const uint EndMark =
        0x06054b50, LocatorMark = 0x07064b50, LargeEndMark = 0x06064b50, RecordMark = 0x02014b50, LocalMark = 0x04034b50;
    private const int EndLength =
        22, LocatorLength = 20, LargeEndLength = 56, RecordLength = 46, LocalLength = 30, LongestComment = ushort.MaxValue;
    private const ushort LargeSizes = 1;
    private const long LongestDirectory = 64L << 20;

    /// <summary>Reads the directory.</summary>
    /// <param name="file">The archive.</param>
    /// <returns>First byte and length of each record, by name.</returns>
    /// <exception cref="PickleException">It is damaged, or its records are compressed or encrypted.</exception>
    public static Dictionary<string, (long Offset, long Length)> Read(SafeFileHandle file)
    {
        long fileLength = RandomAccess.GetLength(file);
        (long start, long length) = Directory(file, fileLength);
        Require(
            start >= 0 && length >= 0 && length <= LongestDirectory && start <= fileLength - length, "its directory is outside the file");
        ReadOnlySpan<byte> directory = Bytes(file, start, (int)length);
        Dictionary<string, (long, long)> records = new(StringComparer.Ordinal);
        while (directory.Length >= RecordLength && U32(directory, 0) == RecordMark)
        {
            int nameLength = U16(directory, 28),
                extraLength = U16(directory, 30), whole = RecordLength + nameLength + extraLength + U16(directory, 32);
            Require(whole <= directory.Length, "its directory is truncated");
            string name = Encoding.UTF8.GetString(directory.Slice(RecordLength, nameLength));
            Require((U16(directory, 8) & 1) == 0, $"its record '{name}' is encrypted");
            Require(U16(directory, 10) == 0, $"its record '{name}' is compressed, which torch.save never does");
            long packed = U32(directory, 20), size = U32(directory, 24), local = U32(directory, 42);
            Enlarge(directory.Slice(RecordLength + nameLength, extraLength), ref size, ref packed, ref local);
            Require(
                size == packed && size >= 0 && local >= 0 && local <= fileLength - LocalLength, $"its record '{name}' is outside the file");
            ReadOnlySpan<byte> header = Bytes(file, local, LocalLength);
            long data = local + LocalLength + U16(header, 26) + U16(header, 28);
            Require(U32(header, 0) == LocalMark && size <= fileLength - data, $"its record '{name}' is outside the file or truncated");
            Require(records.TryAdd(name, (data, size)), $"it contains the record '{name}' twice");
            directory = directory[whole..];
        }
        Require(directory.IsEmpty, "its directory is damaged");
        return records;
    }

    private static (long Start, long Length) Directory(SafeFileHandle file, long fileLength)
    {
        long tailStart = Math.Max(0, fileLength - EndLength - LongestComment - LocatorLength);
        ReadOnlySpan<byte> tail = Bytes(file, tailStart, (int)(fileLength - tailStart));
        int end = tail.Length - EndLength;
        while (end >= 0 && (U32(tail, end) != EndMark || U16(tail, end + 20) != tail.Length - end - EndLength))
        {
            end--;
        }
        Require(end >= 0, "it has no directory at its end; it may be truncated");
        int locator = end - LocatorLength;
        if (locator < 0 || U32(tail, locator) != LocatorMark)
        {
            return (U32(tail, end + 16), U32(tail, end + 12));
        }
        long large = I64(tail, locator + 8);
        Require(large >= 0 && large <= fileLength - LargeEndLength, "its directory is outside the file");
        ReadOnlySpan<byte> largeEnd = Bytes(file, large, LargeEndLength);
        Require(U32(largeEnd, 0) == LargeEndMark, "its directory is damaged");
        return (I64(largeEnd, 48), I64(largeEnd, 40));
    }

    // Numbers that exceed 32 bits are in an extra field, in this order.
    private static void Enlarge(ReadOnlySpan<byte> extra, ref long size, ref long packed, ref long local)
    {
        while (extra.Length >= 4)
        {
            int length = U16(extra, 2);
            Require(length <= extra.Length - 4, "its directory is damaged");
            if (U16(extra, 0) == LargeSizes)
            {
                ReadOnlySpan<byte> numbers = extra.Slice(4, length);
                Take(ref numbers, ref size);
                Take(ref numbers, ref packed);
                Take(ref numbers, ref local);
            }
            extra = extra[(4 + length)..];
        }

        static void Take(ref ReadOnlySpan<byte> numbers, ref long number)
        {
            if (number == uint.MaxValue)
            {
                Require(numbers.Length >= 8, "its directory is damaged");
                number = I64(numbers, 0);
                numbers = numbers[8..];
            }
        }
    }

    private static byte[] Bytes(SafeFileHandle file, long offset, int count)
    {
        byte[] bytes = new byte[count];
        Require(PositionedRead.Fill(file, bytes, offset) == count, "it was truncated while it was read");
        return bytes;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long I64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new PickleException(otherwise);
        }
    }
}
