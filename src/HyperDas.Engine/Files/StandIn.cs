namespace HyperDas.Engine.Files;

/// <summary>Recognises files that are only placeholders for the real ones.</summary>
internal static class StandIn
{
    private const int LongestPointer = 1024;

    /// <summary>Whether a path is a link to a missing file; .NET reports that such a link exists.</summary>
    /// <param name="path">The path; it doesn't have to exist.</param>
    public static bool IsBrokenLink(string path) => new FileInfo(path) is { LinkTarget: not null } link
        && link.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true };

    /// <summary>Refuses a Git LFS pointer, which a clone contains instead of a large file that wasn't fetched.</summary>
    /// <param name="path">The file; it may be missing.</param>
    /// <exception cref="HyperDasException"><c>FileIsPointer</c>.</exception>
    public static void ThrowIfPointer(string path)
    {
        // For a link, as in Hugging Face's cache, the length would be that of the link itself.
        FileInfo file = new(path);
        file = file.Exists && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : file;
        if (!file.Exists || file.Length > LongestPointer)
        {
            return;
        }
        byte[] content = WholeFile.Read(path, LongestPointer, "FileIsPointer");
        // Git LFS was called hawser at first, and its first pointers still count.
        (string Kind, string Command)? pointer = content.AsSpan().StartsWith("version https://git-lfs.github.com/spec/"u8)
            || content.AsSpan().StartsWith("version https://hawser.github.com/spec/"u8) ? ("Git LFS", "git lfs pull")
            : content.AsSpan().StartsWith("/annex/objects/"u8) ? ("git-annex", "git annex get .")
            : null;
        if (pointer is var (kind, command))
        {
            throw new HyperDasException(
                "FileIsPointer", HyperDasErrorKind.InvalidData,
                $"'{path}' is only a {kind} pointer to the file, of {content.Length} bytes. Run '{command}' in its folder, or download the file again.",
                path);
        }
    }
}
