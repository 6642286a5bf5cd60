using Xunit;

namespace HyperDas.Engine.Tests;

/// <summary>
/// Data that can't be committed, for tests that skip visibly without it: the folder that the environment variable HYPERDAS_SHARED
/// names, else <c>shared</c> beside the repository.
/// </summary>
internal static class SharedData
{
    /// <summary>A file or folder of the shared data; skips the running test when it isn't there.</summary>
    internal static string Require(params string[] parts)
    {
        string path = Path.Combine([Root(), .. parts]);
        Skip.If(!Path.Exists(path), $"needs the shared data: {path}");
        return path;
    }

    /// <summary>A file or folder of the shared data, or null when it isn't there.</summary>
    internal static string? Find(params string[] parts)
    {
        string path = Path.GetFullPath(Path.Combine([Root(), .. parts]));
        return Path.Exists(path) ? path : null;
    }

    /// <summary>The folder with the solution file.</summary>
    internal static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "HyperDas.PowerShell.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new DirectoryNotFoundException("The tests run inside the repository.");
    }

    private static string Root() => Environment.GetEnvironmentVariable("HYPERDAS_SHARED") is { Length: > 0 } chosen
        ? chosen
        : Path.Combine(RepositoryRoot(), "..", "shared");
}
