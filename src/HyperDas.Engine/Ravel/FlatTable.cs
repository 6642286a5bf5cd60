using System.Buffers.Binary;
using System.Text;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// A table of a FlatBuffers message: fields by number, found through offsets, each of which the span checks. Missing fields are zero.
/// </summary>
internal readonly ref struct FlatTable
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly int _start;
    private readonly int _fields;
    private readonly int _fieldsLength;

    private FlatTable(ReadOnlySpan<byte> message, int start)
    {
        _message = message;
        _start = start;
        _fields = checked(start - Int32(start));
        _fieldsLength = BinaryPrimitives.ReadUInt16LittleEndian(message[_fields..]);
    }

    /// <summary>The message's root table.</summary>
    internal static FlatTable Root(ReadOnlySpan<byte> message) => new(message, BinaryPrimitives.ReadInt32LittleEndian(message));

    internal bool Has(int field) => At(field) != 0;

    internal byte Byte(int field) => At(field) is int at and not 0 ? _message[at] : (byte)0;

    internal long Int64(int field) => At(field) is int at and not 0 ? Int64At(at) : 0;

    internal FlatTable Table(int field) => new(_message, Target(Existing(field)));

    internal string Text(int field, Encoding encoding)
    {
        int at = Target(Existing(field));
        return encoding.GetString(_message.Slice(at + 4, Int32(at)));
    }

    internal int VectorLength(int field)
    {
        if (At(field) is not (int at and not 0))
        {
            return 0;
        }
        int length = Int32(Target(at));
        // Every element takes at least four bytes, so an invalid length can't request excessive memory.
        return length >= 0 && length <= _message.Length / 4
            ? length
            : throw new ArgumentOutOfRangeException(nameof(field), length, "The vector is longer than the message.");
    }

    /// <summary>An element of a vector of tables.</summary>
    internal FlatTable VectorTable(int field, int index) => new(_message, Target(checked(Target(Existing(field)) + 4 + (4 * index))));

    /// <summary>An element of a vector of pairs of 64-bit numbers.</summary>
    internal (long First, long Second) VectorPair(int field, int index)
    {
        int at = checked(Target(Existing(field)) + 4 + (16 * index));
        return (Int64At(at), Int64At(at + 8));
    }

    private int At(int field)
    {
        int slot = 4 + (2 * field);
        int offset = slot + 2 <= _fieldsLength ? BinaryPrimitives.ReadUInt16LittleEndian(_message[(_fields + slot)..]) : 0;
        return offset == 0 ? 0 : _start + offset;
    }

    private int Existing(int field) => At(field) is int at and not 0
        ? at
        : throw new ArgumentException($"The field {field} is missing.", nameof(field));

    private int Target(int at) => checked(at + Int32(at));

    private int Int32(int at) => BinaryPrimitives.ReadInt32LittleEndian(_message[at..]);

    private long Int64At(int at) => BinaryPrimitives.ReadInt64LittleEndian(_message[at..]);
}
