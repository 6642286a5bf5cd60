using Microsoft.Win32.SafeHandles;

namespace HyperDas.Engine.Files;

/// <summary>Reads of a file at a position, from several places and threads alike, without mapping it into memory.</summary>
internal static class PositionedRead
{
    /// <summary>Fills a buffer as far as the file goes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offset">Where they begin in the file.</param>
    /// <returns>Bytes that were read: fewer than asked for where the file ends.</returns>
    /// <exception cref="IOException">It can't be read.</exception>
    public static int Fill(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        int read = 0;
        for (int more = -1; more != 0 && read < buffer.Length; read += more)
        {
            more = RandomAccess.Read(file, buffer[read..], offset + read);
        }
        return read;
    }
}
