using System.Management.Automation;
using HyperDas.Engine.Experiments;

namespace HyperDas.Commands;

/// <summary>Checks an experiment's document and shows the runs it defines; every mistake is a separate error.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HyperDasExperiment", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ExperimentRun))]
public sealed class TestHyperDasExperimentCommand : ExperimentCmdlet
{
    private const int Together = 64;

    private readonly ExperimentMemory _memory = new();

    [Parameter]
    public SwitchParameter SkipFiles { get; set; }

    private protected override void ProcessDocument(string file, ExperimentReadOptions options)
    {
        try
        {
            IReadOnlyList<ExperimentRun> runs = Compute((_, _) => ExperimentReader.Read(file, options with { SkipFiles = SkipFiles }));
            foreach (ExperimentRun[] part in runs.Chunk(Together))
            {
                WriteObject(SkipFiles ? part : Compute((_, stop) => part.Select(
                    run => run with { Memory = _memory.Predict(run.Settings, stop) }).ToArray()), enumerateCollection: true);
            }
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
