using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>Hands a plan to a scheduler, whole or not at all.</summary>
public static class Submitter
{
    /// <summary>Writes the plan's files, asks the model what examples depend on, and submits.</summary>
    /// <param name="plan">What is left to do; at least one run.</param>
    /// <param name="options">What was decided outside of the document.</param>
    /// <param name="template">The scheduler's.</param>
    /// <param name="prepare">Whether the model is asked here, once for all tasks.</param>
    /// <param name="progress">Told where the work stands.</param>
    /// <param name="cancellation">Stops before anything is submitted.</param>
    /// <exception cref="HyperDasException">
    /// <c>SubmissionLocked</c>: another process submits the same plan now; <c>SubmissionActive</c>: an earlier submission hasn't ended;
    /// <c>SchedulerNotFound</c>, <c>SchedulerUnavailable</c>, <c>SubmissionRefused</c>, <c>SubmissionCorrupt</c>, <c>WriteFailed</c>;
    /// what making examples throws.
    /// </exception>
    public static Submission Submit(
        ExperimentPlan plan, SubmissionOptions options, PlanTemplate template, bool prepare, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using FolderLock held = FolderLock.Take(plan.Folder, "SubmissionLocked", "submission");
        Scheduler scheduler = new(template);
        if (Submission.Read(plan.Folder) is { } earlier && earlier.Scheduler == template.ToString()
            && scheduler.IsActive(earlier.Job) == true)
        {
            throw new HyperDasException(
                "SubmissionActive", HyperDasErrorKind.ResourceUnavailable,
                $"The runs in '{Path.GetDirectoryName(plan.Folder)}' belong to submission {earlier.Job} "
                + $"of {earlier.Submitted:yyyy-MM-dd HH:mm:ss}Z, which hasn't ended. "
                + "Wait for it or cancel it, or choose another folder.", plan.Folder);
        }
        if (prepare)
        {
            Prepare(plan, progress, cancellation);
        }
        PlanScripts.Write(plan, options);
        PlanScripts.Write(plan, options, template);
        Directory.CreateDirectory(PlanFolder.Logs(plan.Folder));
        cancellation.ThrowIfCancellationRequested();
        string job = Scheduler.Submit(template.Submit, Path.Combine(plan.Folder, PlanFolder.JobFile));
        string? gather = null;
        try
        {
            string file = Path.Combine(plan.Folder, PlanFolder.GatherJobFile);
            gather = template.Gather is { } command ? Scheduler.Submit(command, file, job) : null;
            Submission submission = new(template.ToString(), job, gather, plan.Open.Count, DateTimeOffset.UtcNow);
            submission.Write(plan.Folder);
            return submission;
        }
        catch
        {
            scheduler.Cancel(gather is null ? [job] : [gather, job]);
            throw;
        }
    }

    /// <summary>Cancels what was submitted.</summary>
    /// <param name="submission">What was submitted.</param>
    /// <param name="template">The scheduler's.</param>
    /// <exception cref="HyperDasException"><c>SchedulerNotFound</c>, <c>SchedulerUnavailable</c>.</exception>
    public static void Cancel(Submission submission, PlanTemplate template) =>
        new Scheduler(template).Cancel(submission.Gather is { } gather ? [gather, submission.Job] : [submission.Job]);

    /// <summary>Asks the models of a plan once what examples depend on; what was asked before isn't asked again.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Told where the work stands.</param>
    /// <param name="cancellation">Stops the work.</param>
    internal static void Prepare(ExperimentPlan plan, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using ExperimentInputs inputs = new();
        // Lists in records are compared by reference, their text by value.
        foreach (ExperimentRun run in plan.Open.DistinctBy(
            run => (run.Settings.Target, ExperimentYaml.Section(run.Settings, nameof(Experiment.Data)))))
        {
            inputs.KeepAnswers(run.Settings, PlanFolder.Answers(plan.Folder), progress, cancellation);
        }
    }
}
