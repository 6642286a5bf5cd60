using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Experiments;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Checks an experiment's document and shows the runs it stands for; every mistake is an error of its own.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HyperDasExperiment", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ExperimentRun))]
public sealed class TestHyperDasExperimentCommand : EngineCmdlet
{
    private const string PathSet = "Path", LiteralPathSet = "LiteralPath";

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
    public SwitchParameter SkipFiles { get; set; }

    protected override void ProcessInput()
    {
        bool literal = ParameterSetName == LiteralPathSet;
        ExperimentReadOptions options = this.ReadOptions(Set, OutputPath) with { SkipFiles = SkipFiles };
        ForEach(literal ? LiteralPath : Path, path => ForEach(this.ResolveInput(path, literal), file => Test(file, options)));
    }

    private void Test(string file, ExperimentReadOptions options)
    {
        try
        {
            WriteObject(Compute((_, _) => ExperimentReader.Read(file, options)), enumerateCollection: true);
        }
        catch (HyperDasException e) when (e.Target is IReadOnlyList<ExperimentIssue> issues)
        {
            foreach (ExperimentIssue issue in issues)
            {
                WriteError(Errors.ConfigInvalid(issue).ToErrorRecord());
            }
        }
    }
}
