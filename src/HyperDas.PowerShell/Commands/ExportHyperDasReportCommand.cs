using System.Management.Automation;
using HyperDas.Engine.Reports.Html;

namespace HyperDas.Commands;

/// <summary>Writes one HTML page with scores, training curves, sweeps and an explorable token selection.</summary>
[Cmdlet(VerbsData.Export, "HyperDasReport", SupportsShouldProcess = true)]
[OutputType(typeof(PSObject))]
public sealed class ExportHyperDasReportCommand : FileExportCommand
{
    private readonly PlotInput _input = new();
    private readonly List<ReportContent> _contents = [];
    private readonly List<ExperimentStatus> _runs = [];

    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public object[] InputObject { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    protected override void ProcessInput() => ForEach(InputObject, item =>
    {
        Add(item);
        Keep(item);
    });

    protected override void ProcessAll()
    {
        if (_runs.Count > 0)
        {
            _contents.Add(Compute((_, _) => RunContent.Read(_runs)));
        }
        ReportContent content = ReportContent.Of([.. _contents, new ReportContent { Scores = _input.Scores, Runs = _input.Runs }]);
        if (!content.IsEmpty)
        {
            Export("Write a report", (file, _) => HtmlReport.Write(content with { Title = Title ?? content.Title }, file));
        }
    }

    private void Add(object item)
    {
        switch (item is PSObject wrapped ? wrapped.BaseObject : item)
        {
            case InterventionResult intervention:
                _contents.Add(new ReportContent { Interventions = [intervention] });
                break;
            case ExperimentStatus status:
                _runs.Add(status);
                break;
            case ExperimentResult run:
                AddPath(run.Path);
                break;
            case DirectoryInfo folder:
                AddPath(folder.FullName);
                break;
            case string path:
                foreach (string found in this.ResolveInput(path))
                {
                    AddPath(found);
                }
                break;
            case InterpreterHandle interpreter:
                throw Errors.ReportInputInvalid(interpreter);
            case var other:
                _input.Add(this, other, wanted: null);
                break;
        }
    }

    private void AddPath(string path)
    {
        if (Directory.Exists(path))
        {
            _contents.Add(RunContent.Read(path));
        }
        else
        {
            _input.Add(this, new FileInfo(path), wanted: null);
        }
    }
}
