using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Reports.Html;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Runs an experiment from its YAML document: one result for each run, finished ones aren't repeated.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HyperDasExperiment", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(ExperimentResult))]
public sealed class InvokeHyperDasExperimentCommand : EngineCmdlet, IDisposable
{
    private const string PathSet = "Path", LiteralPathSet = "LiteralPath";
    private ExperimentRunner? _runner;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter]
    [ArgumentCompleter(typeof(SettingCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Set { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    [ValidateNotNullOrEmpty]
    public int[]? Index { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Releases the last run's model.</summary>
    public void Dispose() => _runner?.Dispose();

    protected override void ProcessInput()
    {
        bool literal = ParameterSetName == LiteralPathSet;
        ExperimentReadOptions options = this.ReadOptions(Set, OutputPath);
        ForEach(literal ? LiteralPath : Path, path => ForEach(this.ResolveInput(path, literal), file => Invoke(file, options)));
    }

    private void Invoke(string file, ExperimentReadOptions options)
    {
        IReadOnlyList<ExperimentRun> runs = Compute((_, _) => ExperimentReader.Read(file, options));
        if (Index is not null && Index.Max() >= runs.Count)
        {
            throw Errors.RunNotFound(Index.Max(), file, runs.Count);
        }
        ExperimentRun[] chosen = [.. Index is null ? runs : Index.Select(i => runs[i])];
        int number = 0;
        ForEach(chosen, run =>
        {
            number++;
            if (!ShouldProcess(run.Path, $"Run {run.Name}: {run.Method}"))
            {
                return;
            }
            _runner ??= new ExperimentRunner(Report);
            string prefix = chosen.Length > 1 ? $"Run {number} of {chosen.Length}, {run.Name}: " : "";
            ExperimentResult result = Compute((progress, stop) => _runner.Run(run, Force, new PrefixedProgress(progress, prefix), stop));
            WriteVerbose(result.WasFinished ? $"'{run.Path}' is finished; -Force repeats it." : $"'{run.Path}' took {result.Duration:hh\\:mm\\:ss}.");
            WriteObject(result);
        });
    }

    private static void Report(ExperimentRun run, ExperimentResult result)
    {
        if (run.Settings.Outputs.Report)
        {
            ReportContent content = Engine.Reports.Html.RunFolder.Read(result.Path) with { Title = run.Name };
            HtmlReport.Write(content, System.IO.Path.Combine(result.Path, Engine.Experiments.RunFolder.ReportFile));
        }
    }

    private sealed class PrefixedProgress(IProgress<WorkProgress> progress, string prefix) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => progress.Report(value with { Activity = prefix + value.Activity });
    }
}
