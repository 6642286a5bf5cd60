using System.Diagnostics;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>A script of tests/Fixtures/kept as a process that trains in a folder and can be killed there.</summary>
/// <param name="script">The script's name.</param>
/// <param name="results">Files that an undisturbed run leaves, to compare.</param>
/// <param name="arguments">What the script is given beside its folder.</param>
internal sealed class KeptScript(string script, string[] results, params string[] arguments)
{
    public static KeptScript Training(params string[] arguments) =>
        new("Start-KeptTraining.ps1", ["interpreter.safetensors", "interpreter.json", "metrics.jsonl", "scores.txt"], arguments);

    public static KeptScript Pretraining() => new("Start-KeptPretraining.ps1", ["model.safetensors", "config.json", "tokenizer.json"]);

    public static KeptScript Experiment() =>
        new("Start-KeptExperiment.ps1", [.. from layer in (int[])[1, 2] from name in (string[])["scores.json", "metrics.jsonl",
            "interpreter.safetensors"] select $"{layer}.{name}"]);

    public string[] CommandLine(string folder) =>
        [Repository.ShellProgram, Path.Combine(Repository.Root, "tests", "Fixtures", "kept", script), "-Path", folder, .. arguments];

    public Process Start(string folder) => Start("dotnet", CommandLine(folder));

    /// <summary>Starts it so that it takes signals as from a terminal.</summary>
    public Process StartTakingSignals(string folder)
    {
        (string program, string[] commandLine) = Signals.Taking("dotnet", CommandLine(folder));
        return Start(program, commandLine);
    }

    private static Process Start(string program, string[] commandLine)
    {
        ProcessStartInfo start = ProgramRun.Redirected(program, commandLine);
        // Two of them run side by side on two cores.
        start.Environment["HYPERDAS_NUM_THREADS"] = "1";
        return Process.Start(start)!;
    }

    /// <summary>Runs to the end.</summary>
    public ProgramRun Run(string folder)
    {
        using Process process = Start(folder);
        process.StandardInput.Close();
        return ProgramRun.Finish(process);
    }

    /// <summary>What a finished run left, by file, so that a difference names its file.</summary>
    public IReadOnlyDictionary<string, string> Results(string folder) =>
        results.ToDictionary(name => name, name => Convert.ToHexString(File.ReadAllBytes(Path.Combine(folder, name))));

    /// <summary>Waits until a condition holds or the process has ended.</summary>
    /// <param name="process">The process.</param>
    /// <param name="holds">The condition.</param>
    /// <param name="eager">Don't sleep between two looks: for conditions that last a moment.</param>
    /// <returns>Whether it holds; false when the process has ended first.</returns>
    public static bool WaitUntil(Process process, Func<bool> holds, bool eager = false)
    {
        while (!holds())
        {
            if (process.HasExited)
            {
                return false;
            }
            Thread.Sleep(eager ? 0 : 1);
        }
        return true;
    }

    /// <summary>Whether a process has a lock in the folder, i.e. its work is about to begin.</summary>
    public static bool HasBegun(string folder, Process process) => Files(folder, "lock.owner").Any(owner =>
    {
        try
        {
            return File.ReadAllText(owner).StartsWith($"process {process.Id} ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    });

    /// <summary>Whether a file is being written at this moment.</summary>
    public static bool IsWriting(string folder) => Unfinished(folder).Count > 0;

    /// <summary>Files that aren't whole yet.</summary>
    public static IReadOnlyList<string> Unfinished(string folder) => Files(folder, "*.tmp");

    // Folders may appear and disappear during the enumeration.
    private static IReadOnlyList<string> Files(string folder, string pattern)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)] : [];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
