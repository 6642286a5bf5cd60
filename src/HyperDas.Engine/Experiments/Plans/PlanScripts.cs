using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>
/// Writes a plan's files: the list of runs, the script of one run, the script that collects results, and the scheduler's scripts.
/// </summary>
internal static partial class PlanScripts
{
    // Options for an array of trainings, not for the small job after it.
    private static readonly string[] s_ofRuns =
    [
        "array", "mem", "mem-per-cpu", "mem-per-gpu", "gres", "gpus", "gpus-per-task", "gpus-per-node", "cpus-per-task", "time", "signal",
        "output", "error", "job-name", "dependency", "-l select",
    ];

    /// <summary>Writes the scripts that execute the runs and collect results, independent of the scheduler.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="options">Settings from outside the document.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>, <c>WriteFailed</c>.</exception>
    public static void Write(ExperimentPlan plan, SubmissionOptions options)
    {
        OptionLaw.ThrowIfBroken(options);
        Save(plan, PlanFolder.RunsFile, string.Concat(plan.Tasks.Select(task => $"{task.Name} {task.Folder}\n")));
        string given = Given(options);
        bool shares = plan.Tasks.Any(task => task.Worker > 0);
        string task = shares
            ? "# Executes one run of {0}, or, as task 3.1, a part of the search for the layer of run 3. Exit code 0: success."
            : "# Executes one run of {0}. Exit code 0: it is finished.";
        string parameter = shares
            ? "param([Parameter(Mandatory)] [string] $Task)\n[int] $Index, [int] $worker = $Task.Split('.')"
            : "param([Parameter(Mandatory)] [int] $Index)";
        string share = !shares ? "" : $$"""

                if ($worker) {
                    Find-HyperDasLayer {{given}} -Index $Index -Worker $worker -InformationAction Continue
                    exit 0
                }
            """;
        Save(plan, PlanFolder.RunFile, $$"""
            {{string.Format(CultureInfo.InvariantCulture, task, Line(plan.Document))}}
            {{parameter}}
            {{Begin(plan, options)}}
            try {{{share}}
                Invoke-HyperDasExperiment {{given}} -Index $Index -InformationAction Continue |
                    Format-List Name, Cause, Isolate, Disentangle, Duration
            }
            catch { [Console]::Error.WriteLine("$($_.FullyQualifiedErrorId): $_"); exit 1 }
            exit 0

            """);
        string index = options.Index is null ? "" : $" -Index {string.Join(", ", plan.Runs.Select(run => Text(run.Index)))}";
        string report = Quoted(Path.Combine(plan.Folder, PlanFolder.ReportFile));
        string table = Quoted(Path.Combine(plan.Folder, PlanFolder.TableFile));
        Save(plan, PlanFolder.GatherFile, $$"""
            # Writes a report and a table of the runs of {{Line(plan.Document)}}. Exit code 1: some aren't finished.
            {{Begin(plan, options)}}
            try {
                $runs = @(Get-HyperDasExperiment {{given}}{{index}})
                $runs | Export-HyperDasReport -Path {{report}} -Title {{Quoted(plan.Name)}} -Force -Confirm:$false
                $runs | Select-Object -Property * -ExcludeProperty Values, Scores, Mean | Export-Csv -LiteralPath {{table}}
            }
            catch { [Console]::Error.WriteLine("$($_.FullyQualifiedErrorId): $_"); exit 1 }
            $missing = @($runs | Where-Object State -NE Finished)
            foreach ($run in $missing) { [Console]::Error.WriteLine("Not finished: $run") }
            exit [int] ($missing.Count -gt 0)

            """);
    }

    /// <summary>Writes the scheduler's scripts.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="options">Settings from outside the document.</param>
    /// <param name="template">The scheduler's template.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(ExperimentPlan plan, SubmissionOptions options, PlanTemplate template)
    {
        // The user's options take precedence over the template's.
        HashSet<string> given = [.. options.SchedulerOptions.Select(NameOf)];
        IEnumerable<string> kept = template.RunScript.Split('\n')
            .Where(line => Directive().Match(line) is not { Success: true } match || !given.Contains(NameOf(match.Groups[1].Value)));
        string script = string.Join('\n', kept);
        Dictionary<string, IReadOnlyList<string>> values = new()
        {
            ["name"] = [$"hyperdas-{Unusual().Replace(plan.Name, "-")}"],
            ["document"] = [Line(plan.Document)],
            ["runs"] = [Text(plan.Open.Count)],
            ["count"] = [Text(plan.Tasks.Count)],
            ["last"] = [Text(plan.Tasks.Count - 1)],
            ["several"] = plan.Tasks.Count > 1 ? [Text(plan.Tasks.Count - 1)] : [],
            ["parallel"] = [options.Parallelism is { } most ? $"%{Text(most)}" : ""],
            ["simultaneous"] = options.Parallelism is { } limit ? [Text(limit)] : [],
            ["processors"] = [Text(options.Processors)],
            ["memory"] = [Text((plan.MemoryToAsk + (1 << 20) - 1) >> 20)],
            ["cards"] = plan.NeedsCard ? [Text(plan.Cards)] : [],
            ["cardmemory"] = plan.CardMemoryToAsk is { } bytes ? [Text((bytes + (1 << 20) - 1) >> 20)] : [],
            ["notice"] = [Text(options.Notice)],
            ["requeues"] = [Text(options.Requeues)],
            ["logs"] = [Word(PlanFolder.Logs(plan.Folder).Replace("%", "%%", StringComparison.Ordinal))],
            ["plan"] = [Word(plan.Folder)],
            ["shell"] = [string.Join(' ', options.Shell.Select(Word))],
        };
        // Options may also use predicted values.
        string[] asked = [.. options.SchedulerOptions.SelectMany(option => PlanTemplate.Lines(option, values))];
        values["options"] = asked;
        values["gatheroptions"] = [.. asked.Where(option => !s_ofRuns.Contains(NameOf(option)))];
        Save(plan, PlanFolder.JobFile, PlanTemplate.Fill(script, values));
        if (template.GatherScript is { } gather)
        {
            Save(plan, PlanFolder.GatherJobFile, PlanTemplate.Fill(gather, values));
        }
    }

    private static string Begin(ExperimentPlan plan, SubmissionOptions options) => $$"""
        $ErrorActionPreference = 'Stop'
        $ProgressPreference = 'SilentlyContinue'
        $PSStyle.OutputRendering = 'PlainText'
        Import-Module {{Quoted(options.Module)}}
        Set-Location -LiteralPath {{Quoted(options.Location)}}
        $document = {{Quoted(plan.Document)}}
        $hash = [System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($document))
        if ([System.Convert]::ToHexString($hash) -ne '{{Hash(plan.Document)}}') {
            [Console]::Error.WriteLine("'$document' was changed after it was submitted; submit it again.")
            exit 1
        }
        """;

    private static string Given(SubmissionOptions options)
    {
        string set = options.Reading.Set.Count == 0 ? "" : $" -Set {string.Join(", ", options.Reading.Set.Select(Quoted))}";
        string output = options.Reading.OutputPath is { } path ? $" -OutputPath {Quoted(path)}" : "";
        return $"-LiteralPath $document{set}{output}";
    }

    private static void Save(ExperimentPlan plan, string name, string text) => AtomicFile.Write(
        Path.Combine(plan.Folder, name), stream => stream.Write(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"))));

    private static string Hash(string file) =>
        Files.WholeFile.Try(file, () => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));

    // Quoted for PowerShell.
    private static string Quoted(string text) => $"'{PowerShellQuote().Replace(text, "$0$0")}'";

    // Quoted for a POSIX shell.
    private static string Word(string text) => Plain().IsMatch(text) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Line(string text) => Control().Replace(text, "?");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    // '-l walltime=1:00:00' requests another resource than '-l select=1:ncpus=2'.
    private static string NameOf(string option) => Resource().Match(option) is { Success: true } match
        ? match.Value
        : Regex.Match(option.TrimStart('-'), @"^[^=\s]*").Value;

    [GeneratedRegex(@"^#[A-Z$]+ +(-.*)")]
    private static partial Regex Directive();

    [GeneratedRegex(@"^-[A-Za-z]+ +[A-Za-z_]+(?=[=\[])")]
    private static partial Regex Resource();

    [GeneratedRegex(@"[^A-Za-z0-9._-]")]
    private static partial Regex Unusual();

    [GeneratedRegex(@"^[A-Za-z0-9_./=:,@+-]+$")]
    private static partial Regex Plain();

    [GeneratedRegex(@"['\u2018\u2019\u201A\u201B]")]
    private static partial Regex PowerShellQuote();

    [GeneratedRegex(@"\p{C}")]
    private static partial Regex Control();
}
