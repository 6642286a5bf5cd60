using System.Management.Automation;
using HyperDas.Engine.Reports;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Draws the token selection of an intervention as an SVG picture.</summary>
[Cmdlet(VerbsData.Export, "HyperDasHeatmap", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportHyperDasHeatmapCommand : EngineCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public InterventionResult Intervention { get; set; } = null!;

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
        if (!Force && File.Exists(file))
        {
            throw Errors.OutputExists(file);
        }
        if (!ShouldProcess(file, $"Draw the token selection of '{Intervention.Concept}'"))
        {
            return;
        }
        Compute((_, _) => SelectionHeatmap.Write(Intervention, file));
        if (PassThru)
        {
            WriteObject(new FileInfo(file));
        }
    }
}
