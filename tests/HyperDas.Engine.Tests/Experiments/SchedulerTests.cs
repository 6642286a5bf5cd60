using HyperDas.Engine.Experiments.Plans;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>Other schedulers by the templates that <c>about_HyperDasAtScale</c> prints, with stand-ins for their commands.</summary>
public sealed class SchedulerTests
{
    [Fact]
    public void The_pages_templates_can_be_read_and_leave_nothing_to_fill_in()
    {
        string[] templates = Templates();
        using ToyExperiment toy = new(more: "sweep: { seed: [1, 2] }");
        using ToyExperiment single = new();

        Assert.Equal(3, templates.Length);
        foreach (string text in templates)
        {
            string[] script = Script(toy, text), alone = Script(single, text);

            Assert.DoesNotContain(script, line => line.Contains("{{", StringComparison.Ordinal));
            Assert.Contains(script, line => line.EndsWith(" -q long", StringComparison.Ordinal));
            Assert.Contains(script, line => line.EndsWith(" -l walltime=1:00:00", StringComparison.Ordinal));
            Assert.Contains(
                script, line => line.Contains("0-1", StringComparison.Ordinal) || line.Contains("1-2", StringComparison.Ordinal));
            Assert.Contains(script, line => line.EndsWith("%2", StringComparison.Ordinal) || line == "#$ -tc 2");
            // PBS refuses an array of one.
            Assert.DoesNotContain(alone, line => line.Contains("-J 0-", StringComparison.Ordinal));
        }
        Assert.Contains(Script(toy, templates[0]), line => line.StartsWith("#PBS -l select=", StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData(0, "qsub", "echo '12[].server'", "12[].server")]
    [InlineData(1, "bsub", "grep -q '#BSUB -J hyperdas-toy.1-2.' && echo 'Job <77> is submitted to default queue <normal>.'", "77")]
    [InlineData(2, "qsub", "echo '8.1-2:1'", "8")]
    public void A_scheduler_is_given_the_script_as_it_wants_it_and_its_id_is_found(int template, string program, string body, string id)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The stand-ins are shell scripts.");
        using ToyExperiment toy = new(more: "sweep: { seed: [1, 2] }");
        using TemporaryFolder folder = new();
        string file = JobScriptTests.Program(folder, program, body);
        string text = Templates()[template].Replace($"submit {program}", $"submit {file}", StringComparison.Ordinal);
        PlanTemplate read = PlanTemplate.Read(folder.Write("template.sh", text));
        string job = Path.Combine(Plan(toy, read).Folder, PlanFolder.JobFile);

        Assert.Equal(id, new Scheduler(read).Submit(read.Submit, job));
    }

    [SkippableTheory]
    [InlineData("echo running", true)]
    [InlineData("true", false)]
    [InlineData("echo 'qstat: 12 Job has finished, use -x' >&2; exit 35", false)]
    [InlineData("echo 'qstat: Unknown Job Id 12' >&2; exit 153", false)]
    [InlineData("echo 'cannot connect to server' >&2; exit 111", null)]
    public void What_has_ended_is_told_from_a_scheduler_that_is_silent(string body, bool? active)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The stand-ins are shell scripts.");
        using TemporaryFolder folder = new();
        string file = JobScriptTests.Program(folder, "qstat", body);
        Scheduler scheduler = new(PlanTemplate.Read(
            folder.Write("pbs.sh", Templates()[0].Replace("query qstat", $"query {file}", StringComparison.Ordinal))));

        if (active is null)
        {
            Assert.Equal("SchedulerUnavailable", Assert.Throws<HyperDasException>(() => scheduler.IsActive("12")).ErrorId);
        }
        else
        {
            Assert.Equal(active, scheduler.IsActive("12"));
        }
    }

    [Fact]
    public void An_id_that_is_no_expression_is_refused()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("t.sh", "#HYPERDAS submit qsub {{file}}\n#HYPERDAS id ([0-9]\n{{shell}} {{plan}}");

        Assert.Equal("TemplateInvalid", Assert.Throws<HyperDasException>(() => PlanTemplate.Read(file)).ErrorId);
    }

    private static string[] Script(ToyExperiment toy, string text)
    {
        using TemporaryFolder folder = new();
        return File.ReadAllLines(Path.Combine(Plan(toy, PlanTemplate.Read(folder.Write("t.sh", text))).Folder, PlanFolder.JobFile));
    }

    private static ExperimentPlan Plan(ToyExperiment toy, PlanTemplate template)
    {
        SubmissionOptions options = PlanTests.Options() with { SchedulerOptions = ["-q long", "-l walltime=1:00:00"], Parallelism = 2 };
        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, options);
        PlanScripts.Write(plan, options);
        PlanScripts.Write(plan, options, template);
        return plan;
    }

    private static string[] Templates() =>
    [
        .. File.ReadAllText(Path.Combine(SharedData.RepositoryRoot(), "docs", "en-US", "about_HyperDasAtScale.md"))
            .ReplaceLineEndings("\n").Split("```text\n").Skip(1).Select(rest => rest.Split("```")[0])
            .Where(text => text.StartsWith("#HYPERDAS", StringComparison.Ordinal)),
    ];
}
