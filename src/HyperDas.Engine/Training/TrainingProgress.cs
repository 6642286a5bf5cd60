using System.Diagnostics;

namespace HyperDas.Engine.Training;

/// <summary>Reports the progress of a training at every step.</summary>
/// <param name="progress">Receives progress; null: nothing does.</param>
/// <param name="method">Name of the method.</param>
/// <param name="done">Number of steps of an earlier run.</param>
/// <param name="total">Number of steps of the training.</param>
internal sealed class TrainingProgress(IProgress<WorkProgress>? progress, string method, int done, int total)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TrainingValidation? _seen;

    /// <summary>Reports a step.</summary>
    /// <param name="step">The completed step.</param>
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
