using System.Management.Automation;
using HyperDas.Engine.Backends;
using HyperDas.Engine.Numerics;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Tests whether libtorch is installed, complete, and works.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HyperDasBackend")]
[OutputType(typeof(bool))]
public sealed class TestHyperDasBackendCommand : EngineCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [TextTransform("The path of a folder is required", nameof(Path))]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    protected override void ProcessInput()
    {
        string? folder = Path is null ? null : this.ResolveInput(Path, literal: true)[0];
        IReadOnlyList<string> problems = Compute(
            (_, _) => folder is null ? BackendProbe.Problems() : BackendManifest.Problems(folder, BackendSet.Of(TorchPlace.Platform)));
        foreach (string problem in problems)
        {
            WriteVerbose(problem);
        }
        if (problems.Count == 0)
        {
            WriteVerbose(folder is null ? $"libtorch in '{TorchRuntime.Folder}' works" : $"'{folder}' is complete");
            if (folder is null)
            {
                WriteVerbose(BackendProbe.Formats());
            }
        }
        WriteObject(problems.Count == 0);
    }
}
