using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Experiments;

/// <summary>Writes a finished training and its scores as TensorBoard's events.</summary>
internal static class TensorBoardRun
{
    /// <summary>Writes one file of events; an older one is replaced.</summary>
    /// <param name="folder">Folder.</param>
    /// <param name="trained">The training. Its steps carry no times: they are spread evenly over its duration.</param>
    /// <param name="scores">The scores, which are events of the last step.</param>
    /// <param name="start">When the training began.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(string folder, TrainingResult trained, IReadOnlyList<RavelScore> scores, DateTimeOffset start) =>
        AtomicFile.Write(Path.Combine(folder, TensorBoardLog.FileName), stream =>
        {
            TensorBoardLog log = new(stream, start);
            for (int i = 0; i < trained.Metrics.Count; i++)
            {
                log.Write(start + (trained.Duration * ((i + 1.0) / trained.Metrics.Count)), trained.Metrics[i].Step, Values(trained.Metrics[i]));
            }
            log.Write(start + trained.Duration, trained.Steps, scores.Where(s => s.Template is null).SelectMany(Values));
        });

    private static IEnumerable<KeyValuePair<string, double>> Values(TrainingStep step) =>
    [
        new("training/loss", step.Loss),
        new("training/predictionLoss", step.PredictionLoss),
        new("training/sparsityLoss", step.SparsityLoss),
        new("training/gradientNorm", step.GradientNorm),
        new("training/learningRate", step.LearningRate),
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
        string tag = $"{score.Method}/{score.Dialect}/{score.SelectionMode}/{(score.HeldOut == RavelHeldOut.Unspecified ? "" : score.HeldOut + "/")}{(score.Wording == RavelWording.Trained ? "" : score.Wording + "/")}{score.Domain}/{score.Attribute}";
        return
        [
            new($"cause/{tag}", score.Cause), new($"isolate/{tag}", score.Isolate), new($"disentangle/{tag}", score.Disentangle),
            .. score.WorstCause is { } worst ? (KeyValuePair<string, double>[])[new($"worstCause/{tag}", worst)] : [],
        ];
    }
}
