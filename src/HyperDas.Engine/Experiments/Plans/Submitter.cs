using HyperDas.Engine.Files;
using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>Submits a plan to a scheduler, completely or not at all.</summary>
public static class Submitter
{
    /// <summary>Writes the plan's files, computes the model's answers for the examples, and submits.</summary>
    /// <param name="plan">The unfinished runs; at least one.</param>
    /// <param name="options">Settings from outside the document.</param>
    /// <param name="template">The scheduler's template.</param>
    /// <param name="prepare">Whether to run the model here, once for all tasks.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels before anything is submitted.</param>
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
        string job = scheduler.Submit(template.Submit, Path.Combine(plan.Folder, PlanFolder.JobFile));
        string? gather = null;
        try
        {
            string file = Path.Combine(plan.Folder, PlanFolder.GatherJobFile);
            gather = template.Gather is { } command ? scheduler.Submit(command, file, job) : null;
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

    /// <summary>The device of unfinished runs that this machine lacks, as login nodes lack cards; null if it has all of them.</summary>
    /// <param name="plan">The plan.</param>
    public static string? MissingDevice(ExperimentPlan plan) => !plan.NeedsCard
        // Every machine has a processor: libtorch isn't loaded to find out.
        ? null
        : plan.Open.Select(run => run.Settings.Target.Device).Distinct().FirstOrDefault(device => !ComputeDevice.AreHere(device));

    /// <summary>Cancels a submission.</summary>
    /// <param name="submission">The submission.</param>
    /// <param name="template">The scheduler's template.</param>
    /// <exception cref="HyperDasException"><c>SchedulerNotFound</c>, <c>SchedulerUnavailable</c>.</exception>
    public static void Cancel(Submission submission, PlanTemplate template) =>
        new Scheduler(template).Cancel(submission.Gather is { } gather ? [gather, submission.Job] : [submission.Job]);

    /// <summary>Computes the models' answers for the examples of a plan; existing ones are reused.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels the operation.</param>
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
