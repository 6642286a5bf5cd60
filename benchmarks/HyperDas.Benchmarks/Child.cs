using System.Diagnostics;
using System.Globalization;

namespace HyperDas.Benchmarks;

/// <summary>
/// Work that needs a separate process, because memory isn't returned and code is compiled only once: runs this program again.
/// </summary>
internal static class Child
{
    /// <summary>What an argument begins with that asks for such work: <c>child:kind:case</c>.</summary>
    internal const string Prefix = "child:";

    private static readonly Dictionary<string, Action<string>> s_kinds = new()
    {
        [ImportBenchmark.Kind] = _ => ImportBenchmark.RunSample(),
        [MemoryBenchmark.Kind] = MemoryBenchmark.RunCase,
        [ExperimentMemoryBenchmark.Kind] = ExperimentMemoryBenchmark.RunCase,
        [LongTrainingBenchmark.Kind] = _ => LongTrainingBenchmark.RunCase(),
    };

    /// <summary>Has a case worked on and gives the numbers of the last line that it prints.</summary>
    /// <param name="kind">Which benchmark's.</param>
    /// <param name="name">Which of its cases.</param>
    internal static double[] Numbers(string kind, string name = "")
    {
        // Of a program that "dotnet" runs, its own file comes first.
        string[] first = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Child).Assembly.Location] : [];
        using Process child = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [.. first, $"{Prefix}{kind}:{name}"]) { RedirectStandardOutput = true })!;
        string[] lines = child.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        child.WaitForExit();
        return child.ExitCode == 0 && lines.Length > 0
            ? [.. lines[^1].Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"'{kind}:{name}' ended with {child.ExitCode}.");
    }

    /// <summary>Does the work that an argument asks for.</summary>
    /// <param name="argument">It begins with <see cref="Prefix"/>.</param>
    internal static void Work(string argument)
    {
        string[] parts = argument[Prefix.Length..].Split(':', 2);
        s_kinds[parts[0]](parts[1]);
    }
}
