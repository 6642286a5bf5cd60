using System.Collections.Concurrent;
using System.Text.Json;
using Xunit;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>
/// One process of the real pwsh in which the real Pester runs a file, or a folder of files. The same question is asked once.
/// </summary>
/// <param name="Pester">Version of Pester.</param>
/// <param name="PowerShell">Version of PowerShell.</param>
/// <param name="Files">What became of each file.</param>
internal sealed record PesterRun(string Pester, string PowerShell, IReadOnlyList<PesterFile> Files)
{
    /// <summary>The version that the fast lane uses, and the older one that is still in wide use.</summary>
    public const string Current = "6.2.0", Former = "5.9.1";

    private static readonly ConcurrentDictionary<(string Version, string Path, bool OnlyFind), Lazy<PesterRun>> s_runs = [];

    public static IEnumerable<string> FileNames =>
        Directory.GetFiles(Repository.PesterFolder, "*.Tests.ps1").Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal);

    /// <summary>Runs a file or a folder.</summary>
    /// <param name="version">Of Pester.</param>
    /// <param name="path">The file or the folder; all test files when it's null.</param>
    /// <exception cref="InvalidOperationException">The process left no results.</exception>
    public static PesterRun Of(string version, string? path = null) => Of(version, path, onlyFind: false);

    /// <summary>All test files with what a Pester finds in them. None of the tests is run.</summary>
    /// <param name="version">Of Pester.</param>
    /// <exception cref="InvalidOperationException">The process left no results.</exception>
    public static PesterRun Found(string version) => Of(version, null, onlyFind: true);

    /// <summary>What became of a file.</summary>
    /// <param name="name">The file's name without its folder.</param>
    public PesterFile this[string name] => Assert.Single(Files, file => file.Name == name);

    private static PesterRun Of(string version, string? path, bool onlyFind)
    {
        string full = Path.Combine(Repository.PesterFolder, path ?? "");
        return s_runs.GetOrAdd(
            (version, full, onlyFind), key => new Lazy<PesterRun>(() => Start(key.Version, key.Path, key.OnlyFind))).Value;
    }

    private static PesterRun Start(string version, string path, bool onlyFind)
    {
        string results = Path.GetTempFileName();
        try
        {
            ProgramRun run = ProgramRun.In(Path.GetTempPath(),
            [
                Repository.Download("pwsh"), "-NoProfile", "-NonInteractive", "-File", Path.Combine(Repository.PesterFolder, "Run.ps1"),
                "-Pester", Repository.Download($"Pester {version}"),
                "-ResultPath", results, "-Path", path, "-ExcludeTag", string.Join(',', PesterTags.Excluded),
                .. onlyFind ? ["-OnlyFind"] : Array.Empty<string>(),
            ], ("POWERSHELL_TELEMETRY_OPTOUT", "1"), ("POWERSHELL_UPDATECHECK", "Off"));
            PesterRun outcome = JsonSerializer.Deserialize<PesterRun>(File.ReadAllText(results) is { Length: > 0 } text ? text : "null")
                ?? throw new InvalidOperationException(
                    $"Pester {version} left no results of '{path}' (exit code {run.ExitCode}): {run.Output}{run.Error}");
            return outcome.Pester == version
                ? outcome
                : throw new InvalidOperationException($"Pester {version} was asked for, and {outcome.Pester} ran.");
        }
        finally
        {
            File.Delete(results);
        }
    }
}
