using System.Globalization;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>The files that belong to all runs of a document, in a folder next to those of the runs.</summary>
public static class PlanFolder
{
    /// <summary>The scheduler's script of the runs.</summary>
    public const string JobFile = "job.sh";

    /// <summary>The scheduler's script that collects the results.</summary>
    public const string GatherJobFile = "gather.sh";

    /// <summary>The script of one run.</summary>
    public const string RunFile = "run.ps1";

    /// <summary>The script that collects the results of the runs.</summary>
    public const string GatherFile = "gather.ps1";

    /// <summary>Name and folder of each submitted task, one per line.</summary>
    public const string RunsFile = "runs.txt";

    /// <summary>The last submission.</summary>
    public const string SubmissionFile = "submission.json";

    /// <summary>The report on all runs.</summary>
    public const string ReportFile = "report.html";

    /// <summary>The table of all runs.</summary>
    public const string TableFile = "runs.csv";

    /// <summary>Folder of the tasks' output.</summary>
    /// <param name="plan">The plan's folder.</param>
    public static string Logs(string plan) => Path.Combine(plan, "logs");

    /// <summary>Folder of models' answers while examples were built; see <see cref="ExperimentInputs"/>.</summary>
    /// <param name="plan">The plan's folder.</param>
    public static string Answers(string plan) => Path.Combine(plan, "answers");

    /// <summary>Folder with the attempts of a task that helps find a run's layer.</summary>
    /// <param name="plan">The plan's folder.</param>
    /// <param name="run">The run's index.</param>
    /// <param name="worker">Number of the helper, from 1.</param>
    public static string Worker(string plan, int run, int worker) =>
        Path.Combine(plan, "workers", string.Create(CultureInfo.InvariantCulture, $"{run}.{worker}"));
}
