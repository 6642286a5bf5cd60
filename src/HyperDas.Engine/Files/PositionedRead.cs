using Microsoft.Win32.SafeHandles;

namespace HyperDas.Engine.Files;

/// <summary>Reads a file at given positions, from any number of threads, without mapping it into memory.</summary>
internal static class PositionedRead
{
    /// <summary>Fills a buffer up to the end of the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="offset">Position in the file.</param>
    /// <returns>Number of bytes read; fewer than requested at the end of the file.</returns>
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
