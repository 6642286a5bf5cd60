using System.Management.Automation;
using HyperDas.Engine.Reports;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Draws the token selection of interventions, side by side, as an SVG or PNG picture.</summary>
[Cmdlet(VerbsData.Export, "HyperDasHeatmap", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(InterventionResult))]
public sealed class ExportHyperDasHeatmapCommand : FileExportCommand
{
    private readonly List<InterventionResult> _interventions = [];

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = InputSet)]
    [RecordTransform(typeof(InterventionResult), "An intervention is required: what Invoke-HyperDasIntervention returned")]
    [ValidateNotNullOrEmpty]
    public InterventionResult[] Intervention { get; set; } = [];

    protected override void ProcessInput() => ForEach(Intervention, intervention =>
    {
        _interventions.Add(intervention);
        Keep(intervention);
    });

    protected override void ProcessAll()
    {
        if (_interventions.Count > 0)
        {
            string concepts = string.Join("', '", _interventions.Select(i => i.Concept).Distinct());
            Export($"Draw the token selection of '{concepts}'", (file, _) => SelectionHeatmap.Of(_interventions).Write(file));
        }
    }
}
