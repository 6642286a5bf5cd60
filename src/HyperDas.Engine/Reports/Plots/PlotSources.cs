using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Reports.Plots;

/// <summary>Collects the input of a plot: results, and files and run folders with results.</summary>
public sealed class PlotSources
{
    private readonly List<TrainingRun> _runs = [];
    private readonly List<RavelScore> _scores = [];
    private readonly List<InterpreterHandle> _interpreters = [];
    private PlotKind? _kind;
    private int _unfinished;

    /// <summary>Trainings, each with a unique name.</summary>
    public IReadOnlyList<TrainingRun> Runs => _runs;

    /// <summary>Scores, in order.</summary>
    public IReadOnlyList<RavelScore> Scores => _scores;

    /// <summary>Interpreters, including those of trainings.</summary>
    public IReadOnlyList<InterpreterHandle> Interpreters => _interpreters;

    /// <summary>Number of runs of experiments in the input.</summary>
    public int RunCount { get; private set; }

    /// <summary>A remark about runs without scores, for display; null for none.</summary>
    public string? Shortcoming => _unfinished == 0 ? null
        : $"{_unfinished} of {RunCount} runs aren't finished and have no scores; the plot is incomplete.";

    /// <summary>The default kind of plot for the first input.</summary>
    public PlotKind Kind => _kind ?? PlotKind.Score;

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty => _kind is null;

    /// <summary>Adds a result, or a file or folder with results.</summary>
    /// <param name="item">A training, scores, a run, its status or the mean of several, an interpreter, or a <see cref="FileSystemInfo"/>:
    /// a <c>metrics.jsonl</c>, a <c>scores.json</c>, the folder of a run.</param>
    /// <param name="wanted">The requested kind of plot; null: the default for the first input.</param>
    /// <exception cref="HyperDasException"><c>PlotInputInvalid</c>, <c>PathNotFound</c>, <c>MetricsInvalid</c>,
    /// <c>ScoresInvalid</c>.</exception>
    public void Add(object item, PlotKind? wanted)
    {
        switch (item)
        {
            case TrainingResult result:
                _runs.Add(Named($"{result.Interpreter.Method}, layer {result.Interpreter.Layer}, k = {result.Interpreter.FeatureDimension}",
                    result.Metrics));
                _interpreters.Add(result.Interpreter);
                _kind ??= PlotKind.TrainingCurve;
                break;
            case RavelScore score:
                _scores.Add(score);
                _kind ??= PlotKind.Score;
                break;
            case ExperimentResult run:
                AddPath(run.Path, wanted ?? PlotKind.Score);
                break;
            case ExperimentStatus status:
                RunCount++;
                if (status.State != ExperimentState.Finished)
                {
                    _unfinished++;
                }
                else if (wanted == PlotKind.TrainingCurve)
                {
                    AddPath(status.Path, wanted);
                }
                else
                {
                    AddScores(status.Scores);
                }
                break;
            case ExperimentMean mean:
                RunCount += mean.Runs;
                _unfinished += mean.Runs - mean.Finished;
                AddScores(mean.Scores);
                break;
            case InterpreterHandle interpreter:
                _interpreters.Add(interpreter);
                _kind ??= PlotKind.ConceptSimilarity;
                break;
            case FileSystemInfo info:
                AddPath(info.FullName, wanted);
                break;
            default:
                throw new HyperDasException(
                    "PlotInputInvalid", HyperDasErrorKind.InvalidArgument,
                    $"A {item.GetType().Name} can't be drawn. Specify results of Start-HyperDasTraining, Measure-RavelScore or Invoke-HyperDasExperiment, an interpreter, or the path of a metrics.jsonl, a scores.json or a run folder.",
                    item);
        }
    }

    private void AddScores(IReadOnlyList<RavelScore> scores)
    {
        _scores.AddRange(scores);
        _kind ??= PlotKind.Score;
    }

    private void AddPath(string path, PlotKind? wanted)
    {
        if (Directory.Exists(path))
        {
            bool metrics = (wanted ?? PlotKind.TrainingCurve) == PlotKind.TrainingCurve
                && File.Exists(Path.Combine(path, RunFolder.MetricsFile));
            AddPath(Path.Combine(path, metrics || wanted == PlotKind.TrainingCurve ? RunFolder.MetricsFile : RunFolder.ScoresFile), wanted);
        }
        else if (Path.GetExtension(path).Equals(".jsonl", StringComparison.OrdinalIgnoreCase))
        {
            string folder = Path.GetFileName(Path.GetDirectoryName(path)) ?? "";
            _runs.Add(Named(folder.Length > 0 ? folder : Path.GetFileNameWithoutExtension(path), MetricsLog.Read(path)));
            _kind ??= PlotKind.TrainingCurve;
        }
        else
        {
            _scores.AddRange(RavelScoreFile.Read(path));
            _kind ??= PlotKind.Score;
        }
    }

    // Two lines with the same name can't be distinguished.
    private TrainingRun Named(string name, IReadOnlyList<TrainingStep> steps)
    {
        int same = _runs.Count(r => r.Name == name || r.Name.StartsWith(name + " (", StringComparison.Ordinal));
        return new TrainingRun(same == 0 ? name : $"{name} ({same + 1})", steps);
    }
}
