using HyperDas.Engine.Reports.Plots;

namespace HyperDas.Engine.Reports.Html;

/// <summary>
/// Composes a report from results, and from files and folders that contain results, in the order in which they are added.
/// </summary>
public sealed class ReportComposer
{
    private readonly PlotSources _sources = new();
    private readonly List<ReportContent> _contents = [];
    private readonly List<ExperimentStatus> _runs = [];

    /// <summary>Adds a result, or a file or folder that contains one.</summary>
    /// <param name="item">An intervention, a run or its state, a training, scores, or a <see cref="FileSystemInfo"/>: a run's folder or a
    /// folder of runs, a <c>metrics.jsonl</c>, a <c>scores.json</c>.</param>
    /// <exception cref="HyperDasException"><c>PlotInputInvalid</c>: a report can't show it; <c>RunFolderInvalid</c>,
    /// <c>MetricsInvalid</c>, <c>ScoresInvalid</c>, <c>ManifestInvalid</c>.</exception>
    public void Add(object item)
    {
        switch (item)
        {
            case InterventionResult intervention:
                _contents.Add(new ReportContent { Interventions = [intervention] });
                break;
            case ExperimentStatus status:
                _runs.Add(status);
                break;
            case ExperimentResult run:
                _contents.Add(RunContent.Read(run.Path));
                break;
            case FileSystemInfo folder when Directory.Exists(folder.FullName):
                _contents.Add(RunContent.Read(folder.FullName));
                break;
            case InterpreterHandle:
                throw new HyperDasException(
                    "PlotInputInvalid", HyperDasErrorKind.InvalidArgument,
                    "A report shows results, not interpreters. Specify results of Measure-RavelScore, Start-HyperDasTraining or Invoke-HyperDasIntervention, or the folder of a run.",
                    item);
            default:
                _sources.Add(item, wanted: null);
                break;
        }
    }

    /// <summary>The report of everything added.</summary>
    /// <param name="title">Heading; null for one derived from the content.</param>
    /// <exception cref="HyperDasException"><c>MetricsInvalid</c>, <c>ManifestInvalid</c>.</exception>
    public ReportContent Compose(string? title = null)
    {
        ReportContent content = ReportContent.Of(
        [
            .. _contents,
            .. _runs.Count > 0 ? [RunContent.Read(_runs)] : Array.Empty<ReportContent>(),
            new ReportContent { Scores = _sources.Scores, Runs = _sources.Runs },
        ]);
        return content with { Title = title ?? content.Title };
    }
}
