using System.Management.Automation;
using HyperDas.Engine.Ravel;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Writes a dataset to a JSON Lines file that Import-RavelDataset reads.</summary>
[Cmdlet(VerbsData.Export, "RavelDataset", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(RavelDataset))]
public sealed class ExportRavelDatasetCommand : EngineCmdlet, IWriterCommand
{
    private const string PathSet = "Path", DatasetSet = "Dataset";

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = DatasetSet)]
    [DatasetTransform]
    public RavelDataset Dataset { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = DatasetSet)]
    [ItemTransform]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessInput()
    {
        string file = this.ResolveOutput(Path);
        if (!MayWrite(OutputPlace.File(file), $"Export dataset {Dataset}"))
        {
            return;
        }
        Compute((_, _) => RavelDatasetFile.Write(Dataset, file));
        InformWritten(file);
        if (PassThru)
        {
            WriteObject(Dataset);
        }
    }
}
