using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace HyperDas.Engine.Tests.Fuzzing;

/// <summary>Damages files, by chance but repeatably: half of the variants by one change, the others by up to five.</summary>
/// <param name="random">Decides everything.</param>
/// <param name="words">Words of the format.</param>
internal sealed class Mutator(Random random, IReadOnlyList<string> words)
{
    private const int LongestRepeat = 20_000;

    private static readonly long[] s_numbers =
        [0, 1, -1, 2, 7, 8, 64, 127, 128, 255, 256, 1 << 16, 1 << 24, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 40, long.MaxValue,
            long.MinValue, 100_000_000_000_000];

    /// <summary>A damaged copy.</summary>
    internal byte[] Mutate(FuzzFile file)
    {
        byte[] content = file.Content;
        for (int left = random.Next(2) == 0 ? 1 : random.Next(2, 6); left > 0; left--)
        {
            content = Once(file.Kind, content);
        }
        return content;
    }

    private byte[] Once(FuzzKind kind, byte[] content)
    {
        // Now and then blindly, so that the outer parts are damaged too.
        if (random.Next(5) == 0)
        {
            return Bytes(content);
        }
        try
        {
            return kind switch
            {
                FuzzKind.Json => JsonMutator.Mutate(content, random, words),
                FuzzKind.JsonLines => JsonLine(content),
                FuzzKind.Safetensors => Safetensors(content),
                FuzzKind.Gzip => Gzip(content),
                _ => Bytes(content),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or InvalidDataException)
        {
            // An earlier change has left nothing of the structure.
            return Bytes(content);
        }
    }

    private byte[] Bytes(byte[] content)
    {
        if (content.Length == 0)
        {
            return Insert(content, 0, Word());
        }
        int at = random.Next(content.Length), length = random.Next(1, Math.Min(content.Length - at, 64) + 1);
        switch (random.Next(12))
        {
            case 0:
                return Changed(content, at, bytes => bytes[0] ^= (byte)(1 << random.Next(8)));
            case 1:
                return Changed(content, at, bytes => bytes[0] = (byte)random.Next(256));
            case 2:
                return content[..at];
            case 3:
                return [.. content[..at], .. content[(at + length)..]];
            case 4:
                return Insert(content, at, content.AsSpan(at, length).ToArray());
            case 5:
                byte[] noise = new byte[length];
                random.NextBytes(noise);
                return Insert(content, random.Next(2) == 0 ? at : content.Length, noise);
            case 6:
                return Insert(content, at, Word());
            case 7:
                // Lengths and offsets of binary formats.
                return Changed(
                    content, at, bytes => WriteNumber(bytes, s_numbers[random.Next(s_numbers.Length)], random.Next(2) == 0 ? 4 : 8));
            case 8:
                return Changed(content, at - (at % 4), bytes => WriteNumber(bytes, random.Next(4 * content.Length), 4));
            case 9:
                return Changed(content, at, bytes => bytes[..length].Clear());
            case 10:
                byte[] part = content.AsSpan(random.Next(content.Length - length + 1), length).ToArray();
                return Changed(content, at, bytes => part.CopyTo(bytes));
            default:
                int times = random.Next(1, 1 + Math.Min(LongestRepeat / length, random.Next(4) == 0 ? LongestRepeat : 16));
                return Insert(content, at, [.. Enumerable.Repeat(content.AsSpan(at, length).ToArray(), times).SelectMany(b => b)]);
        }
    }

    private byte[] JsonLine(byte[] content)
    {
        string[] lines = Encoding.UTF8.GetString(content).Split('\n');
        int at = random.Next(lines.Length);
        switch (random.Next(8))
        {
            case 0:
                (lines[0], lines[at]) = (lines[at], lines[0]);
                break;
            case 1:
                lines[at] = "";
                break;
            case 2:
                lines[at] += "\n" + lines[random.Next(lines.Length)];
                break;
            default:
                lines[at] = Encoding.UTF8.GetString(JsonMutator.Mutate(Encoding.UTF8.GetBytes(lines[at]), random, words));
                break;
        }
        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    private byte[] Safetensors(byte[] content)
    {
        if (content.Length < 8 || BinaryPrimitives.ReadInt64LittleEndian(content) is < 0 or > int.MaxValue
            || BinaryPrimitives.ReadInt64LittleEndian(content) > content.Length - 8)
        {
            return Bytes(content);
        }
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(content);
        byte[] header = content[8..(8 + length)], data = content[(8 + length)..];
        long claimed = length;
        switch (random.Next(8))
        {
            case 0:
                claimed = s_numbers[random.Next(s_numbers.Length)];
                break;
            case 1:
                data = Bytes(data);
                break;
            case 2:
                header = Encoding.UTF8.GetBytes(
                    Encoding.UTF8.GetString(header).Replace(Word(words), Word(words), StringComparison.Ordinal));
                claimed = header.Length;
                break;
            default:
                header = JsonMutator.Mutate(header, random, words);
                claimed = header.Length;
                break;
        }
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, claimed);
        return [.. prefix, .. header, .. data];
    }

    private byte[] Gzip(byte[] content)
    {
        using MemoryStream unpacked = new(), packed = new();
        using (GZipStream from = new(new MemoryStream(content), CompressionMode.Decompress))
        {
            from.CopyTo(unpacked);
        }
        byte[] inner = Bytes(unpacked.ToArray());
        if (random.Next(3) > 0)
        {
            SumUp(inner);
        }
        using (GZipStream to = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            to.Write(inner);
        }
        return packed.ToArray();
    }

    // Right checksums for whatever looks like tar's headers: otherwise they alone would be tried.
    private static void SumUp(byte[] archive)
    {
        for (int at = 0; at + 512 <= archive.Length; at += 512)
        {
            Span<byte> block = archive.AsSpan(at, 512), sum = block.Slice(148, 8);
            if (sum[6] == 0 && sum.IndexOfAnyInRange((byte)'0', (byte)'7') >= 0)
            {
                sum.Fill((byte)' ');
                int total = 0;
                foreach (byte value in block)
                {
                    total += value;
                }
                Encoding.ASCII.GetBytes(Convert.ToString(total, 8).PadLeft(6, '0') + "\0 ").CopyTo(sum);
            }
        }
    }

    private byte[] Word() => Encoding.UTF8.GetBytes(
        words.Count > 0 && random.Next(3) > 0 ? Word(words) : HostileText.Words[random.Next(HostileText.Words.Length)]);

    private string Word(IReadOnlyList<string> from) => from.Count == 0 ? "a" : from[random.Next(from.Count)];

    private static byte[] Insert(byte[] content, int at, byte[] inserted) => [.. content[..at], .. inserted, .. content[at..]];

    private static byte[] Changed(byte[] content, int at, SpanAction change)
    {
        byte[] copy = [.. content];
        change(copy.AsSpan(at));
        return copy;
    }

    private static void WriteNumber(Span<byte> bytes, long number, int length)
    {
        byte[] written = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(written, number);
        written.AsSpan(0, Math.Min(length, bytes.Length)).CopyTo(bytes);
    }

    private delegate void SpanAction(Span<byte> bytes);
}
