using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>A file of a repository with the hash of its content.</summary>
/// <param name="Name">Its name; it is in the repository's root.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">SHA-256 in lower-case hexadecimal for a file in large file storage; null for others.</param>
/// <param name="GitHash">Git's hash of the content in lower-case hexadecimal; for a file in large file storage, that of its
/// pointer.</param>
internal sealed record HubFile(string Name, long Length, string? Sha256, string GitHash)
{
    private const int BufferSize = 1 << 20;

    /// <summary>The hash of the content, which is its name in the cache.</summary>
    public string Hash => Sha256 ?? GitHash;

    /// <summary>Whether a file on this machine has this content.</summary>
    /// <param name="path">The file; it doesn't have to exist.</param>
    /// <param name="progress">Receives the number of bytes read.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    public bool IsAt(string path, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (!IsPresent(path))
        {
            return false;
        }
        using FileStream stream = Files.WholeFile.Open(path);
        return stream.Length == Length && HashOf(stream, progress, cancellation) == Hash;
    }

    /// <summary>Whether a file exists at a path; a link to a removed file doesn't count.</summary>
    /// <param name="path">The path.</param>
    public static bool IsPresent(string path) => File.Exists(path) && !Files.StandIn.IsBrokenLink(path);

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms",
        Justification = "Git names contents of small files by SHA-1, and the server gives no other hash of them.")]
    private string HashOf(FileStream stream, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(Sha256 is null ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        if (Sha256 is null)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {Length}\0")));
        }
        byte[] buffer = new byte[BufferSize];
        long done = 0;
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer.AsSpan(0, read));
            done += read;
            progress?.Report(new WorkProgress("Checking", Name, done, Length));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
