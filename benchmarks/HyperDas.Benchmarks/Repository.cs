namespace HyperDas.Benchmarks;

/// <summary>The repository that the benchmarks are run in.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution file.</summary>
    internal static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "HyperDas.PowerShell.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new DirectoryNotFoundException("The benchmarks run inside the repository.");
    }
}
