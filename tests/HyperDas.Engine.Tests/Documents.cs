namespace HyperDas.Engine.Tests;

/// <summary>The repository's documents.</summary>
internal static class Documents
{
    /// <summary>The text of a document.</summary>
    /// <param name="path">Its path in the repository.</param>
    public static string Read(params string[] path)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && folder.GetFiles("*.sln").Length == 0)
        {
            folder = folder.Parent;
        }
        return File.ReadAllText(Path.Combine([folder!.FullName, .. path])).ReplaceLineEndings("\n");
    }
}
