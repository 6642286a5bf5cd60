using System.Text;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// GPT-2's alphabet of 256 printable characters, one for each byte, in which byte-level tokenizers spell every token. Bytes that are
/// printable Latin-1 represent themselves, the others are U+0100 onwards in byte order.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] s_charOfByte = BuildChars();
    private static readonly Dictionary<char, byte> s_byteOfChar = BuildBytes();

    /// <summary>The character of a byte.</summary>
    internal static char CharOf(byte value) => s_charOfByte[value];

    /// <summary>A text's UTF-8 bytes in the alphabet.</summary>
    internal static string Spell(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(bytes.Length, bytes, (chars, source) =>
        {
            for (int i = 0; i < chars.Length; i++)
            {
                chars[i] = s_charOfByte[source[i]];
            }
        });
    }

    /// <summary>The bytes of a spelled token; for a token outside the alphabet, its own text.</summary>
    internal static byte[] Bytes(string token)
    {
        byte[] bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            if (!s_byteOfChar.TryGetValue(token[i], out bytes[i]))
            {
                return Encoding.UTF8.GetBytes(token);
            }
        }
        return bytes;
    }

    private static char[] BuildChars()
    {
        char[] chars = new char[256];
        int next = 256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            chars[value] = (char)(printable ? value : next++);
        }
        return chars;
    }

    private static Dictionary<char, byte> BuildBytes()
    {
        Dictionary<char, byte> bytes = new(256);
        for (int value = 0; value < 256; value++)
        {
            bytes[s_charOfByte[value]] = (byte)value;
        }
        return bytes;
    }
}
