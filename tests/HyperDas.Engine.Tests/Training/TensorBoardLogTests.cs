using System.Buffers.Binary;
using System.Text;
using HyperDas.Engine.Training;
using Xunit;

namespace HyperDas.Engine.Tests.Training;

public sealed class TensorBoardLogTests
{
    [Fact]
    public void What_is_written_can_be_read_back()
    {
        using MemoryStream file = new();
        TensorBoardLog log = new(file, DateTimeOffset.UnixEpoch.AddSeconds(1.5));
        log.Write(DateTimeOffset.UnixEpoch.AddSeconds(2), 1, [new("training/loss", 0.25), new("nothing", double.NaN)]);
        log.Write(DateTimeOffset.UnixEpoch.AddSeconds(3), 300, [new("cause/Zürich", -2)]);

        List<byte[]> records = Records(file.ToArray());

        Assert.Equal(3, records.Count);
        Assert.Equal("1:1.5 3:brain.Event:2", Event(records[0]));
        Assert.Equal("1:2 2:1 5:(1:(1:training/loss 2:0.25))", Event(records[1]));
        Assert.Equal("1:3 2:300 5:(1:(1:cause/Zürich 2:-2))", Event(records[2]));
    }

    /// <summary>The check value of CRC-32C, masked as the format says.</summary>
    [Fact]
    public void The_checksum_is_the_formats()
    {
        const uint crc = 0xe3069283;

        Assert.Equal(unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8), TensorBoardLog.MaskedChecksum("123456789"u8));
    }

    // Length, checksum of the length, content, checksum of the content.
    private static List<byte[]> Records(byte[] file)
    {
        List<byte[]> records = [];
        for (int at = 0; at < file.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(TensorBoardLog.MaskedChecksum(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            byte[] content = file[(at + 12)..(at + 12 + length)];
            Assert.Equal(TensorBoardLog.MaskedChecksum(content), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            records.Add(content);
            at += length + 16;
        }
        return records;
    }

    private static string Event(ReadOnlySpan<byte> message) => Fields(message, depth: 0);

    // Texts are distinguished from messages by their fields in the format: 5 and 5.1 are messages.
    private static string Fields(ReadOnlySpan<byte> message, int depth)
    {
        List<string> fields = [];
        while (message.Length > 0)
        {
            ulong tag = Varint(ref message);
            ulong number = tag >> 3;
            switch (tag & 7)
            {
                case 0:
                    fields.Add(FormattableString.Invariant($"{number}:{Varint(ref message)}"));
                    break;
                case 1:
                    fields.Add(FormattableString.Invariant($"{number}:{BinaryPrimitives.ReadDoubleLittleEndian(message)}"));
                    message = message[8..];
                    break;
                case 2:
                    int length = (int)Varint(ref message);
                    bool nested = (depth == 0 && number == 5) || depth == 1;
                    fields.Add(nested
                        ? $"{number}:({Fields(message[..length], depth + 1)})"
                        : $"{number}:{Encoding.UTF8.GetString(message[..length])}");
                    message = message[length..];
                    break;
                default:
                    fields.Add(FormattableString.Invariant($"{number}:{BinaryPrimitives.ReadSingleLittleEndian(message)}"));
                    message = message[4..];
                    break;
            }
        }
        return string.Join(' ', fields);
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }
}
