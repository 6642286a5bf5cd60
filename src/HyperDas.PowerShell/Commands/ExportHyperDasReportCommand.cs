using System.Management.Automation;
using HyperDas.Engine.Reports.Html;

namespace HyperDas.Commands;

/// <summary>Writes one HTML page with scores, training curves, sweeps and an explorable token selection.</summary>
[Cmdlet(VerbsData.Export, "HyperDasReport", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(PSObject))]
public sealed class ExportHyperDasReportCommand : FileExportCommand
{
    private readonly ReportComposer _report = new();

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = InputSet)]
    [ValidateNotNullOrEmpty]
    public object[] InputObject { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    protected override void ProcessInput() => ForEach(InputObject, item =>
    {
        foreach (object found in this.ResolveItem(item))
        {
            _report.Add(found);
        }
        Keep(item);
    });

    protected override void ProcessAll()
    {
        ReportContent content = Compute((_, _) => _report.Compose(Title));
        if (!content.IsEmpty)
        {
            Export("Write a report", (file, _) => HtmlReport.Write(content, file));
        }
    }
}
