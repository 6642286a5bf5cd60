using System.Management.Automation;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Reports;
using HyperDas.Engine.Reports.Plots;
using HyperDas.Handles;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Draws training curves, scores, sweeps or the similarity of concepts as an SVG or PNG picture.</summary>
[Cmdlet(VerbsData.Export, "HyperDasPlot", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(PSObject))]
public sealed class ExportHyperDasPlotCommand : FileExportCommand
{
    private readonly PlotSources _input = new();

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = InputSet)]
    [ValidateNotNullOrEmpty]
    public object[] InputObject { get; set; } = [];

    [Parameter]
    public PlotKind Kind { get; set; }

    [Parameter]
    [DatasetTransform]
    public RavelDataset? Dataset { get; set; }

    [Parameter]
    public SimilarityMeasure Measure { get; set; } = SimilarityMeasure.Overlap;

    [Parameter]
    [AllowEmptyString]
    public string? Title { get; set; }

    [Parameter]
    public int? Width { get; set; }

    [Parameter]
    public int? Height { get; set; }

    private PlotKind? WantedKind => MyInvocation.BoundParameters.ContainsKey(nameof(Kind)) ? Kind : null;

    private PlotOptions Options => new() { Title = Title, Width = Width, Height = Height };

    private protected override void CheckParameters() => ParameterLaw.ThrowIfBroken(Options, "OptionInvalid");

    protected override void ProcessInput() => ForEach(InputObject, item =>
    {
        foreach (object found in this.ResolveItem(item))
        {
            _input.Add(found, WantedKind);
        }
        Keep(item);
    });

    protected override void ProcessAll()
    {
        if (_input.Shortcoming is { } shortcoming)
        {
            WriteWarning(shortcoming);
        }
        if (_input.IsEmpty)
        {
            return;
        }
        PlotKind kind = WantedKind ?? _input.Kind;
        PlotOptions options = Options;
        IReadOnlyList<TrainingRun> runs = _input.Runs;
        IReadOnlyList<RavelScore> scores = _input.Scores;
        switch (kind)
        {
            case PlotKind.TrainingCurve:
                Require(runs.Count, kind, "trainings: results of Start-HyperDasTraining or metrics.jsonl files");
                Export("Draw training curves", (file, _) => TrainingCurves.Of(runs, options).Write(file));
                break;
            case PlotKind.Score:
                Require(scores.Count, kind, "scores: results of Measure-RavelScore or scores.json files");
                Export("Draw scores", (file, _) => ScorePlot.Of(scores, options).Write(file));
                break;
            case PlotKind.LayerSweep or PlotKind.DimensionSweep:
                Require(scores.Count, kind, "scores: results of Measure-RavelScore or scores.json files");
                Export("Draw a sweep", (file, _) => SweepPlot.Of(scores, kind, options).Write(file));
                break;
            default:
                Require(_input.Interpreters.Count == 1 ? 1 : 0, kind, "one interpreter");
                Interpreter interpreter = _input.Interpreters[0].ToEngine();
                Export("Draw the similarity of concepts", (file, stop) =>
                    SimilarityMatrix.Of(ConceptSimilarity.Of(interpreter, Dataset, Measure, stop), options).Write(file));
                break;
        }
    }

    private void Require(int count, PlotKind kind, string what)
    {
        if (count == 0)
        {
            throw Errors.PlotInputMissing(kind, what, InputObject);
        }
    }
}
