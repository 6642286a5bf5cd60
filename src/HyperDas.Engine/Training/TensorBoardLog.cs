using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace HyperDas.Engine.Training;

/// <summary>
/// Scalars in TensorBoard's format: a file of records, each with its length and masked CRC-32C checksums, whose contents are protocol
/// buffers (<c>Event</c> with <c>wall_time</c> = 1, <c>step</c> = 2, <c>file_version</c> = 3, <c>summary</c> = 5).
/// </summary>
public sealed class TensorBoardLog : IDisposable
{
    /// <summary>Name of the file: TensorBoard looks for <c>tfevents</c> in it.</summary>
    public const string FileName = "events.out.tfevents.0.hyperdas";

    private readonly Stream _stream;

    /// <summary>Writes to a stream, of which the log takes ownership.</summary>
    /// <param name="stream">The destination.</param>
    /// <param name="start">Time of the first record, which contains the format's version.</param>
    public TensorBoardLog(Stream stream, DateTimeOffset start)
    {
        _stream = stream;
        Message first = Event(start);
        first.Text(3, "brain.Event:2");
        Write(first);
    }

    /// <summary>Writes the values of one step.</summary>
    /// <param name="time">Time of the measurement.</param>
    /// <param name="step">Number of the step.</param>
    /// <param name="values">Values by tag; values that aren't finite numbers are omitted.</param>
    public void Write(DateTimeOffset time, long step, IEnumerable<KeyValuePair<string, double>> values)
    {
        Message summary = new();
        foreach ((string tag, double number) in values.Where(v => double.IsFinite(v.Value)))
        {
            Message value = new();
            value.Text(1, tag);
            value.Single(2, (float)number);
            summary.Nested(1, value);
        }
        Message record = Event(time);
        record.Whole(2, step);
        record.Nested(5, summary);
        Write(record);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>
    /// The checksum of a part of a record: CRC-32C, rotated and shifted, which keeps checksums of checksums from degenerating.
    /// </summary>
    internal static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }
        crc = ~crc;
        return BitOperations.RotateRight(crc, 15) + 0xa282ead8;
    }

    private static Message Event(DateTimeOffset time)
    {
        Message message = new();
        message.Double(1, (time - DateTimeOffset.UnixEpoch).TotalSeconds);
        return message;
    }

    private void Write(Message message)
    {
        byte[] content = message.ToArray();
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedChecksum(head[..8]));
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedChecksum(content));
        _stream.Write(head);
        _stream.Write(content);
        _stream.Write(tail);
    }

    // A protocol buffer: each field is a varint of its number and wire type, followed by its content.
    private sealed class Message
    {
        private readonly MemoryStream _bytes = new();

        public byte[] ToArray() => _bytes.ToArray();

        public void Whole(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
        }

        public void Double(int field, double value)
        {
            Varint(((ulong)field << 3) | 1);
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
            _bytes.Write(bytes);
        }

        public void Single(int field, float value)
        {
            Varint(((ulong)field << 3) | 5);
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            _bytes.Write(bytes);
        }

        public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public void Nested(int field, Message value) => Bytes(field, value.ToArray());

        private void Bytes(int field, byte[] value)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)value.Length);
            _bytes.Write(value);
        }

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                _bytes.WriteByte((byte)(value | 0x80));
            }
            _bytes.WriteByte((byte)value);
        }
    }
}
