using System.Text;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>Reads the fields of a protocol buffer message, with bounds checks.</summary>
/// <param name="message">The message.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Number of the current field.</summary>
    internal int Field { get; private set; }

    /// <summary>Its value where it is a number.</summary>
    internal ulong Number { get; private set; }

    /// <summary>Its content where it is a text or a message.</summary>
    internal ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Its value where it is a 32-bit floating-point number.</summary>
    internal readonly float Single => BitConverter.UInt32BitsToSingle((uint)Number);

    /// <summary>Its value as a text.</summary>
    /// <exception cref="FormatException">It isn't UTF-8.</exception>
    internal readonly string Text()
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException($"field {Field} isn't UTF-8", e);
        }
    }

    /// <summary>Advances to the next field; false at the end.</summary>
    /// <exception cref="FormatException">The message is cut off or isn't one.</exception>
    internal bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }
        ulong tag = Varint();
        Field = (int)(tag >> 3);
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                return true;
            case 1:
                Number = BitConverter.ToUInt64(Take(8));
                return true;
            case 2:
                ulong length = Varint();
                Bytes = Take(length > int.MaxValue ? int.MaxValue : (int)length);
                return true;
            case 5:
                Number = BitConverter.ToUInt32(Take(4));
                return true;
            default:
                throw new FormatException($"field {Field} has the unknown wire type {tag & 7}");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new FormatException("it ends in the middle of a field");
        }
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw new FormatException("a number has more than 64 bits");
    }
}
