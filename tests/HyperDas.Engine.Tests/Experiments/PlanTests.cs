using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Plans;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>What is left to do of a document, and the scripts that do it.</summary>
public sealed class PlanTests
{
    private const string Pbs =
        """
        #HYPERDAS submit qsub -J 0-{{last}} {{file}}
        #!/bin/sh
        #PBS -N {{name}}
        #PBS -l select=1:ncpus={{processors}}:mem={{memory}}mb
        #PBS -l ngpus={{cards}}
        #PBS {{options}}
        {{shell}} {{plan}}/run.ps1
        """;

    [Fact]
    public void A_plan_has_the_unfinished_runs_and_asks_for_more_memory_than_is_predicted()
    {
        using ToyExperiment toy = new(more: "sweep: { method.layer: [1, 2], seed: [1, 2] }");
        using (ExperimentRunner runner = new())
        {
            runner.Run(toy.ReadAll()[1]);
        }

        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, Options());

        Assert.Equal([0, 2, 3], plan.Open.Select(run => run.Index));
        Assert.Equal(Path.Combine(toy.Runs, "plan"), plan.Folder);
        Assert.InRange(plan.MemoryToAsk, plan.Memory!.Total + (256L << 20), 2 * plan.Memory.Total);
        Assert.Equal("RunNotFound", Error(() => ExperimentPlan.Of(toy.Document, Options() with { Index = [4] })).ErrorId);
        Assert.Equal("RunNotFound", Error(() => ExperimentPlan.Of(toy.Document, Options() with { Index = [0, -2] })).ErrorId);
        Assert.Equal("OutputExists", Error(() => ExperimentPlan.Of(toy.Document, Options("training.batchSize=3"))).ErrorId);
    }

    [Fact]
    public void The_scripts_name_runs_memory_and_signal_and_what_is_given_wins()
    {
        using ToyExperiment toy = new(more: "sweep: { seed: [1, 2, 3] }");
        SubmissionOptions options = Options() with
        {
            SchedulerOptions = ["--partition=gpu", "--mem=9G"], Parallelism = 2, Processors = 3, Notice = 60,
            Requeues = 4,
        };
        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, options);

        PlanScripts.Write(plan, Options());
        PlanScripts.Write(plan, options, PlanTemplate.Slurm());

        string[] job = File.ReadAllLines(Path.Combine(plan.Folder, PlanFolder.JobFile));
        string[] gather = File.ReadAllLines(Path.Combine(plan.Folder, PlanFolder.GatherJobFile));
        Assert.Equal("#!/bin/bash", job[0]);
        Assert.Superset(
            new HashSet<string>(
                ["#SBATCH --array=0-2%2", "#SBATCH --cpus-per-task=3", "#SBATCH --signal=B:USR1@60", "#SBATCH --partition=gpu",
                    "#SBATCH --mem=9G"]),
            job.ToHashSet());
        Assert.Single(job, line => line.StartsWith("#SBATCH --mem", StringComparison.Ordinal));
        Assert.DoesNotContain(job, line => line.Contains("--gres", StringComparison.Ordinal)
            || line.Contains("{{", StringComparison.Ordinal));
        Assert.Contains(job, line => line.Contains("-ge 4 ]", StringComparison.Ordinal));
        Assert.Contains("#SBATCH --partition=gpu", gather);
        Assert.DoesNotContain("#SBATCH --mem=9G", gather);
        Assert.Equal(
            [$"0 {plan.Open[0].Path}", $"1 {plan.Open[1].Path}", $"2 {plan.Open[2].Path}"],
            File.ReadAllLines(Path.Combine(plan.Folder, PlanFolder.RunsFile)));
        PlanScripts.Write(plan, Options(), PlanTemplate.Slurm());
        Assert.Contains($"#SBATCH --mem={(plan.MemoryToAsk + (1 << 20) - 1) >> 20}M",
            File.ReadAllLines(Path.Combine(plan.Folder, PlanFolder.JobFile)));
    }

    [Theory]
    [InlineData("cuda", 1)]
    [InlineData("cuda:0,cuda:1", 2)]
    [InlineData("cuda:1, CUDA:1", 1)]
    public void On_cards_the_script_asks_for_as_many_as_the_model_is_spread_over(string devices, int cards)
    {
        using ToyExperiment toy = new();
        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, Options($"target.device={devices}"));

        PlanScripts.Write(plan, Options(), PlanTemplate.Slurm());

        Assert.Contains($"#SBATCH --gres=gpu:{cards}", File.ReadAllLines(Path.Combine(plan.Folder, PlanFolder.JobFile)));
    }

    [Fact]
    public void An_option_may_ask_for_the_cards_memory_that_is_predicted()
    {
        using ToyExperiment toy = new();
        SubmissionOptions options = Options("target.device=cuda") with { SchedulerOptions = ["--gres=gpu:1,gpumem:{{cardmemory}}M"] };
        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, options);
        long predicted = plan.Memory!.Model + plan.Memory.Interpreter + plan.Memory.Cache + plan.Memory.Step + plan.Memory.Kernels;

        PlanScripts.Write(plan, options, PlanTemplate.Slurm());

        Assert.InRange(plan.CardMemoryToAsk!.Value, predicted + (256L << 20), predicted + (257L << 20));
        string asked = Assert.Single(
            File.ReadAllLines(Path.Combine(plan.Folder, PlanFolder.JobFile)), line => line.Contains("--gres", StringComparison.Ordinal));
        Assert.Equal($"#SBATCH --gres=gpu:1,gpumem:{(plan.CardMemoryToAsk + (1 << 20) - 1) >> 20}M", asked);
        Assert.Null(ExperimentPlan.Of(toy.Document, Options()).CardMemoryToAsk);
        Assert.Equal("cardmem", PlanTemplate.UnknownIn("--gres=gpumem:{{cardmem}}"));
        Assert.Null(PlanTemplate.UnknownIn("--gres=gpumem:{{cardmemory}}"));
    }

    [Fact]
    public void Another_scheduler_needs_a_template_alone()
    {
        using ToyExperiment toy = new();
        using TemporaryFolder folder = new();
        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, Options());
        PlanTemplate template = PlanTemplate.Read(folder.Write("pbs.sh", Pbs));

        PlanScripts.Write(plan, Options() with { SchedulerOptions = ["-q long", "-A group"] }, template);

        string[] job = File.ReadAllLines(Path.Combine(plan.Folder, PlanFolder.JobFile));
        Assert.Equal(
            ["#!/bin/sh", "#PBS -N hyperdas-toy",
                $"#PBS -l select=1:ncpus=2:mem={(plan.MemoryToAsk + (1 << 20) - 1) >> 20}mb", "#PBS -q long", "#PBS -A group"], job[..5]);
        Assert.EndsWith("plan/run.ps1", job[5].Replace('\\', '/').Replace("'", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(plan.Folder, PlanFolder.GatherJobFile)));
    }

    [Theory]
    [InlineData(null, null, new[] { "0", "1", "2", "0.1", "1.1" })]
    [InlineData(9, null, new[] { "0", "1", "2", "0.1", "1.1", "0.2", "1.2" })]
    [InlineData(1, null, new[] { "0", "1", "2" })]
    [InlineData(3, 2, new[] { "0", "1", "2", "0.1", "1.1" })]
    public void Searches_for_a_layer_get_tasks_that_help_behind_the_runs(int? most, int? parallelism, string[] names)
    {
        using ToyExperiment toy = new(more: "sweep: { method.layer: [auto, 2], seed: [1, 2] }"); // The first two find it.
        SubmissionOptions options = Options() with { SearchParallelism = most, Parallelism = parallelism, Index = [0, 1, 2] };

        ExperimentPlan plan = ExperimentPlan.Of(toy.Document, options);
        PlanScripts.Write(plan, options);
        PlanScripts.Write(plan, options, PlanTemplate.Slurm());

        Assert.Equal(names, plan.Tasks.Select(task => task.Name));
        string limit = parallelism is null ? "" : $"%{parallelism}";
        Assert.Contains($"#SBATCH --array=0-{names.Length - 1}{limit}", File.ReadAllLines(Path.Combine(plan.Folder, PlanFolder.JobFile)));
        Assert.Equal(
            plan.Tasks.Select(task => $"{task.Name} {task.Folder}"), File.ReadAllLines(Path.Combine(plan.Folder, PlanFolder.RunsFile)));
        Assert.Equal(
            names.Length > 3,
            File.ReadAllText(Path.Combine(plan.Folder, PlanFolder.RunFile)).Contains("-Worker", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("#!/bin/sh\n{{shell}} {{plan}}", "submit")]
    [InlineData("#HYPERDAS submit qsub\n{{shell}} {{plan}} {{memry}}", "line 2: unknown placeholder '{{memry}}'")]
    [InlineData("#HYPERDAS submit qsub\n{{shell}}", "'{{plan}}'")]
    [InlineData("#HYPERDAS send qsub\n{{shell}} {{plan}}", "line 1: 'send'")]
    [InlineData("#HYPERDAS submit qsub\n{{shell}} {{plan}}\n#HYPERDAS --- gather\nx", "gather")]
    public void A_template_that_cannot_work_is_refused(string text, string why)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("t.sh", text);

        HyperDasException error = Error(() => PlanTemplate.Read(file));

        Assert.Equal("TemplateInvalid", error.ErrorId);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_of_ten_thousand_runs_is_read()
    {
        using ToyExperiment toy = new(more: $"sweep: {{ seed: [{string.Join(", ", Enumerable.Range(1, 5000))}], method.layer: [1, 2] }}");

        IReadOnlyList<ExperimentRun> runs = toy.ReadAll();

        Assert.Equal(10_000, runs.Count);
        Assert.Equal(10_000, runs.Select(run => run.Path).Distinct().Count());
    }

    internal static SubmissionOptions Options(params string[] set) => new()
    {
        Reading = new ExperimentReadOptions { Set = set }, Location = Path.GetTempPath(),
        Shell = ["pwsh"], Module = "/modules/HyperDas.psd1",
    };

    private static HyperDasException Error(Func<object> call) => Assert.Throws<HyperDasException>(call);
}
