namespace HyperDas.Engine.Files;

/// <summary>Recognises files that only stand for the real ones.</summary>
internal static class StandIn
{
    private const int LongestPointer = 1024;

    /// <summary>Whether a path is a link to something that is missing; .NET says of such a link that it exists.</summary>
    /// <param name="path">The path; nothing need be there.</param>
    public static bool IsBrokenLink(string path) => new FileInfo(path) is { LinkTarget: not null } link
        && link.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true };

    /// <summary>Refuses a Git LFS pointer: what a clone leaves in place of a large file that wasn't fetched.</summary>
    /// <param name="path">The file; it may be missing.</param>
    /// <exception cref="HyperDasException"><c>FileIsPointer</c>.</exception>
    public static void ThrowIfPointer(string path)
    {
        // Of a link, as Hugging Face's cache has them, the length would be the link's own.
        FileInfo file = new(path);
        file = file.Exists && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : file;
        if (!file.Exists || file.Length > LongestPointer)
        {
            return;
        }
        byte[] content = WholeFile.Read(path, LongestPointer, "FileIsPointer");
        if (content.AsSpan().StartsWith("version https://git-lfs.github.com/spec/"u8))
        {
            throw new HyperDasException(
                "FileIsPointer", HyperDasErrorKind.InvalidData,
                $"'{path}' isn't the file itself but a Git LFS pointer to it, of {content.Length} bytes. Run 'git lfs pull' in its folder, or download the file again.",
                path);
        }
    }
}
