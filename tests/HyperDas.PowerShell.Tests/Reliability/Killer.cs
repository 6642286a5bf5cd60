using System.Diagnostics;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>Kills a training at seeded random moments, starts it again, and compares what it ends with.</summary>
/// <param name="script">The training.</param>
/// <param name="folder">A folder of its own.</param>
/// <param name="expected">What an undisturbed run left.</param>
/// <param name="seed">Seed of the moments.</param>
internal sealed class Killer(KeptScript script, string folder, IReadOnlyDictionary<string, string> expected, int seed)
{
    // Without its startup, a training takes about a second.
    private const int LongestDelay = 500;

    private readonly Random _random = new(seed);

    /// <summary>Processes killed.</summary>
    public int Kills { get; private set; }

    /// <summary>Kills that left a half-written state.</summary>
    public int InMidWrite { get; private set; }

    /// <summary>Trainings that came to their end and were compared.</summary>
    public int Compared { get; private set; }

    /// <summary>Kills so often, over as many trainings as that takes; the last one comes to its end.</summary>
    /// <param name="kills">How often.</param>
    /// <returns>What went wrong, one line each; empty when nothing did.</returns>
    public IReadOnlyList<string> Run(int kills)
    {
        List<string> wrong = [];
        while (Kills < kills && wrong.Count == 0)
        {
            string run = Path.Combine(folder, $"run {Compared}");
            while (Kills < kills && StartAndKill(run))
            {
            }
            ProgramRun last = script.Run(run);
            if (last.ExitCode != 0)
            {
                wrong.Add($"{run}: exit code {last.ExitCode}: {last.Error}");
                break;
            }
            wrong.AddRange(script.Results(run).Where(r => r.Value != expected[r.Key]).Select(r => $"{run}: {r.Key} differs"));
            wrong.AddRange(KeptScript.Unfinished(run).Select(left => $"{left} is left"));
            Compared++;
        }
        return wrong;
    }

    // False if the training ended before it could be killed.
    private bool StartAndKill(string run)
    {
        using Process process = script.Start(run);
        process.StandardInput.Close();
        if (!KeptScript.WaitUntil(process, () => KeptScript.HasBegun(run, process)))
        {
            return false;
        }
        // Every third training is killed in the middle of a write, as soon as one is seen.
        bool inWrite = _random.Next(3) == 0;
        long end = Environment.TickCount64 + _random.Next(LongestDelay);
        if (!KeptScript.WaitUntil(process, () => Environment.TickCount64 >= end)
            || (inWrite && !KeptScript.WaitUntil(process, () => KeptScript.IsWriting(run), eager: true)))
        {
            return false;
        }
        process.Kill();
        process.WaitForExit();
        Kills++;
        InMidWrite += KeptScript.IsWriting(run) ? 1 : 0;
        return true;
    }
}
