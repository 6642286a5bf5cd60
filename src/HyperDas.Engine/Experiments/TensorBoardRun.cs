using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Experiments;

/// <summary>Writes TensorBoard events during a training, and its scores at the end.</summary>
internal sealed class TensorBoardRun : IStepWatcher, IDisposable
{
    private readonly string _file;
    private FileStream? _stream;
    private TensorBoardLog? _log;

    /// <summary>Creates a writer; nothing is written before the training begins.</summary>
    /// <param name="folder">Folder of the event file; an existing one is replaced.</param>
    public TensorBoardRun(string folder) => _file = Path.Combine(folder, TensorBoardLog.FileName);

    /// <inheritdoc/>
    /// <remarks>Steps before an interruption have no times: these are distributed evenly over the steps' duration.</remarks>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Begin(IReadOnlyList<TrainingStep> behind, TimeSpan took) => Try(() =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        // Other programs may read or move it while it is being written.
        _stream = new FileStream(_file, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        DateTimeOffset start = DateTimeOffset.UtcNow - took;
        _log = new TensorBoardLog(_stream, start);
        for (int i = 0; i < behind.Count; i++)
        {
            _log.Write(start + (took * ((i + 1.0) / behind.Count)), behind[i].Step, Values(behind[i]));
        }
        _stream.Flush();
    });

    /// <inheritdoc/>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Add(TrainingStep step) => Write(step.Step, Values(step));

    /// <summary>Writes the scores as events of the last step.</summary>
    /// <param name="step">The last step.</param>
    /// <param name="scores">The scores.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Finish(int step, IReadOnlyList<RavelScore> scores) => Write(step, scores.Where(s => s.Template is null).SelectMany(Values));

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _log?.Dispose();
        }
        catch (IOException)
        {
            // A failed write has already been reported.
        }
    }

    private void Write(int step, IEnumerable<KeyValuePair<string, double>> values) => Try(() =>
    {
        _log!.Write(DateTimeOffset.UtcNow, step, values);
        _stream!.Flush();
    });

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException(
                "WriteFailed", HyperDasErrorKind.WriteError, $"The events couldn't be written to '{_file}': {e.Message}", _file, e);
        }
    }

    private static IEnumerable<KeyValuePair<string, double>> Values(TrainingStep step) =>
    [
        new("training/loss", step.Loss),
        new("training/predictionLoss", step.PredictionLoss),
        new("training/sparsityLoss", step.SparsityLoss),
        new("training/gradientNorm", step.GradientNorm),
        new("training/learningRate", step.LearningRate),
        .. step.Weights is { } weights
            ? (IEnumerable<KeyValuePair<string, double>>)
                [new("training/largestWeight", weights.LargestWeight), new("training/smallestWeight", weights.SmallestWeight)]
            : [],
        .. step.Validation is { } seen
            ? (IEnumerable<KeyValuePair<string, double>>)[new("validation/score", seen.Score), .. seen.Wordings.SelectMany(Values)]
            : [],
    ];

    private static IEnumerable<KeyValuePair<string, double>> Values(ValidationScore score) =>
    [
        new($"validation/{score.Wording}/cause", score.Cause), new($"validation/{score.Wording}/isolate", score.Isolate),
        new($"validation/{score.Wording}/disentangle", score.Disentangle), new($"validation/{score.Wording}/worstCause", score.WorstCause),
    ];

    private static IEnumerable<KeyValuePair<string, double>> Values(RavelScore score)
    {
        string tag =
            $"{score.Method}/{score.Dialect}/{score.SelectionMode}/{(score.HeldOut == RavelHeldOut.Unspecified ? "" : score.HeldOut + "/")}{(score.Wording == RavelWording.Trained ? "" : score.Wording + "/")}{score.Domain}/{score.Attribute}";
        return
        [
            new($"cause/{tag}", score.Cause), new($"isolate/{tag}", score.Isolate), new($"disentangle/{tag}", score.Disentangle),
            .. score.WorstCause is { } worst ? (KeyValuePair<string, double>[])[new($"worstCause/{tag}", worst)] : [],
        ];
    }
}
