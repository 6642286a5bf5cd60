using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Plans;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class PlanFollowerTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Each_run_is_given_once_when_it_is_finished_and_progress_tells_of_all()
    {
        using ToyExperiment toy = new(more: "sweep: { seed: [1, 2] }");
        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, PlanTests.Options());
        SeenProgress progress = new();
        using ExperimentRunner runner = new();
        int look = 0;

        ExperimentStatus[] given = [.. new PlanFollower(plan).Follow(Work, s_interval, progress, CancellationToken.None)];

        Assert.Equal([0, 1], given.Select(status => status.Index!.Value));
        Assert.All(given, status => Assert.Equal(ExperimentState.Finished, status.State));
        Assert.Equal("1 of 2 runs finished, 0 running", progress.Seen[0].Status);
        Assert.Equal((2000L, 2000L), (progress.Seen[^1].Completed, progress.Seen[^1].Total));

        bool Work()
        {
            if (look < 2)
            {
                runner.Run(plan.Open[look]);
            }
            return look++ < 2;
        }
    }

    [Fact]
    public void Runs_that_are_missing_in_the_end_are_given_and_named()
    {
        using ToyExperiment toy = new(more: "sweep: { seed: [1, 2] }");
        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, PlanTests.Options());
        List<ExperimentStatus> given = [];

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => given.AddRange(new PlanFollower(plan).Follow(() => false, s_interval, null, CancellationToken.None)));
        foreach (ExperimentStatus status in Begin(plan))
        {
            given.Add(status);
        }

        Assert.Equal("RunsMissing", error.ErrorId);
        Assert.Contains("2 of 2 runs aren't finished: toy/seed-1: missing; toy/seed-2: missing.", error.Message, StringComparison.Ordinal);
        Assert.Equal([ExperimentState.Missing, ExperimentState.Missing], given.TakeLast(2).Select(status => status.State));
    }

    [SkippableFact]
    public void A_scheduler_that_vanishes_leaves_the_states_of_the_folders_and_one_error()
    {
        Skip.If(OperatingSystem.IsWindows(), "The scheduler is a program of Unix.");
        using ToyExperiment toy = new(more: "sweep: { seed: [1, 2] }");
        using TemporaryFolder folder = new();
        PlanTemplate template = PlanTemplate.Read(folder.Write(
            "t.sh", "#HYPERDAS submit true\n#HYPERDAS query /nowhere/squeue {{job}}\n{{shell}} {{plan}}\n"));
        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, PlanTests.Options());
        using (ExperimentRunner runner = new())
        {
            runner.Run(plan.Open[0]);
        }
        Submission submission = new("t.sh", "17", null, 2, DateTimeOffset.UtcNow);
        List<ExperimentStatus> given = [];

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => Take(new PlanFollower(plan).Follow(submission, template, s_interval, null, CancellationToken.None)));

        Assert.Equal("SchedulerUnavailable", error.ErrorId);
        Assert.Contains("submission 17", error.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/squeue", error.Message, StringComparison.Ordinal);
        Assert.Equal([ExperimentState.Finished, ExperimentState.Missing], given.Select(status => status.State));

        void Take(IEnumerable<ExperimentStatus> all)
        {
            foreach (ExperimentStatus status in all)
            {
                given.Add(status);
            }
        }
    }

    [Fact]
    public void Following_ends_when_it_is_told_to()
    {
        using ToyExperiment toy = new();
        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, PlanTests.Options());
        using CancellationTokenSource stop = new();
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(
            () => new PlanFollower(plan).Follow(() => true, TimeSpan.FromHours(1), null, stop.Token).ToArray());
    }

    // What comes before the error at the end.
    private static IEnumerable<ExperimentStatus> Begin(ExperimentPlan plan)
    {
        using IEnumerator<ExperimentStatus> all =
            new PlanFollower(plan).Follow(() => false, s_interval, null, CancellationToken.None).GetEnumerator();
        for (int i = 0; i < plan.Open.Count && all.MoveNext(); i++)
        {
            yield return all.Current;
        }
    }
}
