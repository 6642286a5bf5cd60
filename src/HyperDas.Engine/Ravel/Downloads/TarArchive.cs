using System.Text;

namespace HyperDas.Engine.Ravel.Downloads;

/// <summary>An entry of a tar archive.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="IsFile">Whether it is a regular file rather than a folder, link or device.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct TarItem(string Name, bool IsFile, long Length);

/// <summary>Reads the names, kinds and lengths of a tar archive's entries in order.</summary>
/// <remarks>Not .NET's reader, which allocates as much memory for an extended header as the header claims: up to 2 GB for an archive of a
/// few bytes.</remarks>
/// <param name="stream">The decompressed archive, from its beginning.</param>
/// <param name="most">Maximum number of bytes to read.</param>
internal sealed class TarArchive(Stream stream, long most)
{
    private const int BlockLength = 512;
    private const int LongestExtension = 1 << 16;

    private readonly byte[] _header = new byte[BlockLength];
    private long _content;
    private long _padding;

    /// <summary>Advances to the next entry.</summary>
    /// <returns>Null at the end.</returns>
    /// <exception cref="InvalidDataException">The archive is damaged, or longer than it may be.</exception>
    /// <exception cref="EndOfStreamException">The archive is cut off.</exception>
    public TarItem? Next()
    {
        string? name = null;
        while (true)
        {
            CopyTo(Stream.Null);
            if (!ReadHeader())
            {
                return null;
            }
            _content = Number(_header.AsSpan(124, 12));
            _padding = -_content & (BlockLength - 1);
            long length = _content;
            switch ((char)_header[156])
            {
                case 'L':
                    name = Text(Extension());
                    break;
                case 'x':
                    name = PaxPath(Extension()) ?? name;
                    break;
                case 'g' or 'K':
                    break;
                case var kind:
                    return new TarItem(name ?? OwnName(), kind is '0' or '\0', length);
            }
        }
    }

    /// <summary>Copies the rest of the current entry.</summary>
    /// <param name="target">The destination.</param>
    /// <exception cref="InvalidDataException">The archive is longer than it may be.</exception>
    /// <exception cref="EndOfStreamException">The archive is cut off.</exception>
    public void CopyTo(Stream target)
    {
        byte[] buffer = new byte[1 << 14];
        while (_content + _padding > 0)
        {
            bool pads = _content == 0;
            int count = (int)Math.Min(buffer.Length, pads ? _padding : _content);
            ReadExactly(buffer.AsSpan(0, count));
            if (pads)
            {
                _padding -= count;
            }
            else
            {
                target.Write(buffer, 0, count);
                _content -= count;
            }
        }
    }

    // A block of zeros ends the archive; some writers omit it.
    private bool ReadHeader()
    {
        Spend(BlockLength);
        int count = stream.ReadAtLeast(_header, BlockLength, throwOnEndOfStream: false);
        if (count == 0 || (count == BlockLength && !_header.AsSpan().ContainsAnyExcept((byte)0)))
        {
            return false;
        }
        if (count < BlockLength)
        {
            throw new EndOfStreamException("it ends in the middle of a header");
        }
        long sum = 0;
        for (int i = 0; i < BlockLength; i++)
        {
            sum += i is >= 148 and < 156 ? ' ' : _header[i];
        }
        return Number(_header.AsSpan(148, 8)) == sum ? true : throw new InvalidDataException("a header's checksum is wrong");
    }

    private byte[] Extension()
    {
        if (_content > LongestExtension)
        {
            throw new InvalidDataException($"an extended header has {_content} bytes");
        }
        byte[] content = new byte[_content];
        ReadExactly(content);
        _content = 0;
        return content;
    }

    private void ReadExactly(Span<byte> bytes)
    {
        Spend(bytes.Length);
        stream.ReadExactly(bytes);
    }

    private void Spend(int bytes)
    {
        most -= bytes;
        if (most < 0)
        {
            throw new InvalidDataException("it unpacks to more than any archive of the benchmark");
        }
    }

    private string OwnName()
    {
        bool hasPrefix = _header.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        string prefix = hasPrefix ? Text(_header.AsSpan(345, 155)) : "", name = Text(_header.AsSpan(0, 100));
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    // Records of the form "length key=value\n".
    private static string? PaxPath(ReadOnlySpan<byte> records)
    {
        string? path = null;
        while (records.Length > 0)
        {
            int space = records.IndexOf((byte)' ');
            if (space <= 0 || !int.TryParse(records[..space], out int length) || length <= space + 1 || length > records.Length)
            {
                throw new InvalidDataException("an extended header can't be read");
            }
            ReadOnlySpan<byte> record = records[(space + 1)..length];
            if (record.StartsWith("path="u8))
            {
                path = Encoding.UTF8.GetString(record["path=".Length..].TrimEnd((byte)'\n'));
            }
            records = records[length..];
        }
        return path;
    }

    private static string Text(ReadOnlySpan<byte> field) =>
        Encoding.UTF8.GetString(field.IndexOf((byte)0) is int end and >= 0 ? field[..end] : field);

    private static long Number(ReadOnlySpan<byte> field)
    {
        long number = 0;
        foreach (byte letter in field.Trim(" \0"u8))
        {
            number = letter is >= (byte)'0' and <= (byte)'7'
                ? (number * 8) + letter - '0'
                : throw new InvalidDataException("a header's number isn't octal");
        }
        return number;
    }
}
