using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace HyperDas.Benchmarks;

/// <summary>
/// What a user waits for before the first result: importing the module, help, the first tensor. Each sample is a fresh process.
/// </summary>
internal static class ImportBenchmark
{
    internal const string Kind = "import";

    private const int Samples = 9;

    internal static void Run(Report report)
    {
        double[][] samples = [.. Enumerable.Range(0, Samples).Select(_ => Child.Numbers(Kind))];
        report.Add(new Wait("Import-Module", Middle(0)));
        report.Add(new Wait("Get-Help -Full after it", Middle(1)));
        report.Add(new Wait("bundled model and first tensors after that", Middle(2)));
        report.Add(new Wait("first generation after that", Middle(3)));

        double Middle(int column) => samples.Select(s => s[column]).Order().ElementAt(Samples / 2);
    }

    /// <summary>Takes one sample and prints its numbers.</summary>
    internal static void RunSample()
    {
        using Runspace runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        using PowerShell shell = PowerShell.Create(runspace);
        // The engine's own first use isn't the module's.
        Time("1 | ForEach-Object { $_ }");
        double import = Time($"Import-Module -Name '{Path.Combine(Repository.Root(), "module", "HyperDas")}'");
        double help = Time("Get-Help Start-HyperDasTraining -Full");
        if (Process.GetCurrentProcess().Modules.Cast<ProcessModule>()
            .Any(m => m.ModuleName.Contains("torch_cpu", StringComparison.Ordinal)))
        {
            throw new InvalidOperationException("libtorch is loaded before anything is computed.");
        }
        double model = Time($"$model = Import-HyperDasModel -Path '{Path.Combine(Repository.Root(), "examples", "models", "mini-llama")}'");
        double answer = Time("Invoke-HyperDasGeneration $model 'Paris is in' -MaxNewTokens 2");
        Console.WriteLine(FormattableString.Invariant($"{import} {help} {model} {answer}"));

        double Time(string script)
        {
            long start = Stopwatch.GetTimestamp();
            shell.AddScript(script).Invoke();
            double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            shell.Commands.Clear();
            return shell.HadErrors ? throw new InvalidOperationException(shell.Streams.Error[0].ToString()) : time;
        }
    }
}
