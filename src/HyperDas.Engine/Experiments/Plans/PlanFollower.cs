using HyperDas.Engine.Experiments.Runs;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>Follows the runs of a plan by their folders until all are finished or no process works on them.</summary>
public sealed class PlanFollower
{
    // A scheduler may be restarting: a query that fails once may succeed the next time.
    private const int MostSilences = 5;

    private readonly ExperimentPlan _plan;
    private readonly Dictionary<int, ExperimentStatus> _ended = [];
    private Dictionary<int, ExperimentStatus> _seen = [];

    /// <summary>Follows a plan.</summary>
    /// <param name="plan">The plan.</param>
    public PlanFollower(ExperimentPlan plan) => _plan = plan;

    /// <summary>Follows a submission.</summary>
    /// <param name="submission">The submission.</param>
    /// <param name="template">The scheduler's template.</param>
    /// <param name="interval">Polling interval.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Stops following; the runs continue.</param>
    /// <returns>Each run as soon as it is finished, and the others at the end.</returns>
    /// <exception cref="HyperDasException">
    /// The enumeration throws at its end when runs aren't finished: <c>RunsMissing</c>, or <c>SchedulerUnavailable</c> when the scheduler
    /// has been silent so long that nobody knows whether something still works on them.
    /// </exception>
    public IEnumerable<ExperimentStatus> Follow(
        Submission submission, PlanTemplate template, TimeSpan interval, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        Scheduler scheduler = new(template);
        int silences = 0;
        return Follow(
            () =>
            {
                try
                {
                    bool active = scheduler.IsActive(submission.Job) != false
                        || (submission.Gather is { } gather && scheduler.IsActive(gather) == true);
                    silences = 0;
                    return active;
                }
                catch (HyperDasException e) when (e.ErrorId is "SchedulerNotFound" or "SchedulerUnavailable")
                {
                    return silences++ < MostSilences ? true : throw new HyperDasException(
                        "SchedulerUnavailable", HyperDasErrorKind.ResourceUnavailable,
                        $"The scheduler gave no information about submission {submission.Job}, {silences} times in a row: {e.Message} "
                        + "Its runs may continue; Get-HyperDasExperiment shows their state.", submission.Job, e);
                }
            },
            interval, progress, cancellation);
    }

    /// <summary>Follows until all are finished or <paramref name="isActive"/> returns false.</summary>
    /// <param name="isActive">Whether a process still works on the runs; an error of it ends the following, and is thrown last.</param>
    /// <param name="interval">Polling interval.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Stops following.</param>
    internal IEnumerable<ExperimentStatus> Follow(
        Func<bool> isActive, TimeSpan interval, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        bool active = true;
        HyperDasException? lost = null;
        while (active)
        {
            // Queried first: a run that finishes between the query and the reading of the folders is then seen by the latter.
            (active, lost) = Ask(isActive);
            foreach (ExperimentStatus status in Look().Where(s => s.State == ExperimentState.Finished))
            {
                _ended[status.Index!.Value] = status;
                yield return status;
            }
            progress?.Report(Progress());
            if (active && cancellation.WaitHandle.WaitOne(interval))
            {
                throw new OperationCanceledException(cancellation);
            }
        }
        ExperimentStatus[] rest = [.. _plan.Open.Where(run => !_ended.ContainsKey(run.Index)).Select(run => _seen[run.Index])];
        foreach (ExperimentStatus status in rest)
        {
            yield return status;
        }
        if (rest.Length > 0 && lost is not null)
        {
            throw lost;
        }
        if (rest.Length > 0)
        {
            string names = string.Join("; ", rest.Take(3).Select(s => s.ToString().TrimEnd('.')));
            throw new HyperDasException(
                "RunsMissing", HyperDasErrorKind.OperationStopped,
                $"{rest.Length} of {_plan.Open.Count} runs aren't finished: {names}{(rest.Length > 3 ? "; …" : "")}. "
                + $"'{PlanFolder.Logs(_plan.Folder)}' contains the tasks' logs; submit again to resume the missing runs.",
                _plan.Folder);
        }
    }

    private static (bool Active, HyperDasException? Lost) Ask(Func<bool> isActive)
    {
        try
        {
            return (isActive(), null);
        }
        catch (HyperDasException e)
        {
            return (false, e);
        }
    }

    // Those that were unfinished before.
    private IEnumerable<ExperimentStatus> Look()
    {
        ExperimentStatus[] now = [.. _plan.Open.Where(run => !_ended.ContainsKey(run.Index)).Select(RunStatus.Read)];
        _seen = now.ToDictionary(status => status.Index!.Value);
        return now;
    }

    private WorkProgress Progress()
    {
        const int Whole = 1000;
        IEnumerable<ExperimentStatus> open = _seen.Values.Where(status => !_ended.ContainsKey(status.Index!.Value));
        int running = open.Count(status => status.State == ExperimentState.Running);
        int failed = open.Count(status => status.State == ExperimentState.Failed);
        double part = open.Sum(status => status is { Step: { } step, Steps: > 0 } ? Math.Min(1.0, (double)step / status.Steps.Value) : 0);
        string text = FormattableString.Invariant(
            $"{_ended.Count} of {_plan.Open.Count} runs finished, {running} running{(failed > 0 ? $", {failed} failed" : "")}");
        return new WorkProgress($"Running {_plan.Name}", text, (long)((_ended.Count + part) * Whole), (long)_plan.Open.Count * Whole);
    }
}
