using System.Management.Automation;
using HyperDas.Engine.Ravel;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Writes a dataset to a JSON Lines file that Import-RavelDataset reads.</summary>
[Cmdlet(VerbsData.Export, "RavelDataset", SupportsShouldProcess = true)]
[OutputType(typeof(RavelDataset))]
public sealed class ExportRavelDatasetCommand : EngineCmdlet, IWriterCommand
{
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public RavelDataset Dataset { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 0)]
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
