using System.Buffers.Binary;
using System.Text;
using HyperDas.Engine.Files;
using Microsoft.Win32.SafeHandles;

namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>The bytes of a pickle in a file, read in order.</summary>
/// <param name="file">The file.</param>
/// <param name="start">The first byte.</param>
/// <param name="end">The end of the readable range (exclusive).</param>
internal sealed class PickleInput(SafeFileHandle file, long start, long end)
{
    // Pickles of the largest published models have less than a tenth of it.
    private const long MaxBytes = 64L << 20;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _buffer = new byte[64 << 10];
    private long _before;
    private int _at, _filled;

    /// <summary>Position of the next byte in the file.</summary>
    public long Position => start + _before + _at;

    /// <summary>The next byte.</summary>
    /// <exception cref="PickleException">There is none.</exception>
    public byte Byte()
    {
        if (_at == _filled)
        {
            Refill();
        }
        return _buffer[_at++];
    }

    /// <summary>The next bytes.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="PickleException">There are fewer.</exception>
    public byte[] Bytes(long count)
    {
        // Before memory is allocated.
        if (count < 0 || count > end - Position || count > MaxBytes)
        {
            throw new PickleException($"byte {Position} declares a length of {count} bytes, more than remain");
        }
        byte[] bytes = new byte[count];
        for (int i = 0; i < bytes.Length;)
        {
            if (_at == _filled)
            {
                Refill();
            }
            int part = Math.Min(bytes.Length - i, _filled - _at);
            _buffer.AsSpan(_at, part).CopyTo(bytes.AsSpan(i));
            (i, _at) = (i + part, _at + part);
        }
        return bytes;
    }

    /// <summary>An unsigned integer of 2 or 4 bytes, or a signed one of 4 or 8.</summary>
    /// <param name="bytes">Number of bytes.</param>
    /// <param name="signed">Whether it is signed.</param>
    public long Number(int bytes, bool signed = false)
    {
        Span<byte> number = stackalloc byte[8];
        for (int i = 0; i < bytes; i++)
        {
            number[i] = Byte();
        }
        long value = BinaryPrimitives.ReadInt64LittleEndian(number);
        return signed && bytes == 4 ? (int)value : value;
    }

    /// <summary>Text of the given number of bytes.</summary>
    public string Text(long bytes)
    {
        try
        {
            return s_utf8.GetString(Bytes(bytes));
        }
        catch (DecoderFallbackException)
        {
            throw new PickleException($"a text that ends at byte {Position} isn't UTF-8");
        }
    }

    /// <summary>Text up to the end of the line.</summary>
    public string Line()
    {
        const int Longest = 1024;
        StringBuilder line = new();
        for (byte letter = Byte(); letter != '\n'; letter = Byte())
        {
            if (letter is < 32 or > 126 || line.Length == Longest)
            {
                throw new PickleException($"the name at byte {Position} is invalid");
            }
            line.Append((char)letter);
        }
        return line.ToString();
    }

    private void Refill()
    {
        _before += _filled;
        _at = _filled = 0;
        if (_before > MaxBytes)
        {
            throw new PickleException($"the pickle has more than {MaxBytes >> 20} MB");
        }
        _filled = PositionedRead.Fill(file, _buffer.AsSpan(0, (int)Math.Clamp(end - start - _before, 0, _buffer.Length)), start + _before);
        if (_filled == 0)
        {
            throw new PickleException($"it ends in the middle of the pickle, at byte {Position}");
        }
    }
}
