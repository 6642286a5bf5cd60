using System.Diagnostics;

namespace HyperDas.Engine.Training;

/// <summary>Tells where a training stands, step by step.</summary>
/// <param name="progress">Who is told; null for nobody.</param>
/// <param name="method">What is trained.</param>
/// <param name="done">Steps that an earlier run took.</param>
/// <param name="total">Steps of the training.</param>
internal sealed class TrainingProgress(IProgress<WorkProgress>? progress, string method, int done, int total)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TrainingValidation? _seen;

    /// <summary>Tells.</summary>
    /// <param name="step">What was just done.</param>
    public void Report(TrainingStep step)
    {
        _seen = step.Validation ?? _seen;
        int taken = step.Step;
        TimeSpan left = _clock.Elapsed / Math.Max(1, taken - done) * (total - taken);
        string status = FormattableString.Invariant($"step {taken} of {total}, loss {step.Loss:F3}{Seen()}");
        progress?.Report(new WorkProgress($"Training {method}", status, taken, total, left));
    }

    private string Seen() => (_seen, _seen?.Wordings.LastOrDefault(w => w.Wording != RavelWording.Absent)) switch
    {
        (null, _) => "",
        (_, null) => $", validation {_seen}",
        (_, { } known) => FormattableString.Invariant($", validation {_seen}, worst cause {known.WorstCause:F0} ({known.WorstAttribute})"),
    };
}
