using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace HyperDas.Benchmarks;

/// <summary>
/// This build beside another one, e.g. an earlier commit's: both make their own measurements in processes of their
/// own, in turns, on one machine.
/// </summary>
internal static class CompareBenchmark
{
    private const int Turns = 3;

    private static readonly string[] s_parts = ["train", "eval"];

    /// <summary>Compares.</summary>
    /// <param name="folder">Folder with the other build's <c>HyperDas.Benchmarks.dll</c>.</param>
    /// <param name="rounds">How often each process measures everything.</param>
    internal static void Run(string folder, int rounds)
    {
        string mine = typeof(CompareBenchmark).Assembly.Location, other = Path.Combine(Path.GetFullPath(folder), Path.GetFileName(mine));
        Dictionary<string, List<double>> before = [], after = [];
        for (int turn = 0; turn < Turns; turn++)
        {
            foreach (string part in s_parts)
            {
                Add(before, Measure(other, part, rounds));
                Add(after, Measure(mine, part, rounds));
            }
        }
        Write($"{"",-44}{"other",10}{"this",10}{"ratio",8}   shortest of {Turns} medians of {rounds}, ms");
        foreach ((string name, List<double> times) in after.Where(a => before.ContainsKey(a.Key)))
        {
            Write($"{name,-44}{before[name].Min(),10:F1}{times.Min(),10:F1}{before[name].Min() / times.Min(),8:F2}");
        }
    }

    private static List<(string Name, double Milliseconds)> Measure(string program, string part, int rounds)
    {
        string file = Path.GetTempFileName();
        try
        {
            using Process process = Process.Start(
                "dotnet", [program, part, "--rounds", rounds.ToString(CultureInfo.InvariantCulture), "--json", file]);
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"'{program} {part}' ended with {process.ExitCode}.");
            }
            using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(file));
            return
            [
                .. Times(report.RootElement.GetProperty("figures"), "name", "milliseconds", ""),
                .. Times(report.RootElement.GetProperty("figures"), "name", "referenceMilliseconds", ", reference"),
                .. Times(report.RootElement.GetProperty("limits"), "step", "leastMilliseconds", ", limit"),
                .. Phases(report.RootElement.GetProperty("phases")),
            ];
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<(string, double)> Times(JsonElement list, string name, string time, string suffix) =>
        list.EnumerateArray().Select(e => (e.GetProperty(name).GetString() + suffix, e.GetProperty(time).GetDouble()));

    // Whole steps by processor time: what remains comparable when others use the machine too.
    private static IEnumerable<(string, double)> Phases(JsonElement list) => list.EnumerateArray()
        .GroupBy(phase => phase.GetProperty("step").GetString(), phase => phase.GetProperty("processorMilliseconds").GetDouble())
        .Select(step => ($"{step.Key}, phases, processor", step.Sum()));

    private static void Add(Dictionary<string, List<double>> all, List<(string Name, double Milliseconds)> times)
    {
        foreach ((string name, double milliseconds) in times)
        {
            (all.TryGetValue(name, out List<double>? known) ? known : all[name] = []).Add(milliseconds);
        }
    }

    private static void Write(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
