using System.Diagnostics;

namespace HyperDas.Benchmarks;

/// <summary>What the benchmarks need of the repository that they are run in, and of themselves in another process.</summary>
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

    /// <summary>Runs this program once more, with one argument, and gives the last line that it prints.</summary>
    /// <param name="argument">What it is asked to do.</param>
    internal static string InProcessOfItsOwn(string argument)
    {
        // Of a program that "dotnet" runs, its own file comes first.
        string[] first = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Repository).Assembly.Location] : [];
        using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. first, argument]) { RedirectStandardOutput = true })!;
        string[] lines = child.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        child.WaitForExit();
        return child.ExitCode == 0 && lines.Length > 0 ? lines[^1] : throw new InvalidOperationException($"'{argument}' ended with {child.ExitCode}.");
    }
}
