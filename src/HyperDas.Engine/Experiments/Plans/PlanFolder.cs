namespace HyperDas.Engine.Experiments.Plans;

/// <summary>The files that belong to all runs of a document, in a folder beside those of the runs.</summary>
public static class PlanFolder
{
    /// <summary>The scheduler's script of the runs.</summary>
    public const string JobFile = "job.sh";

    /// <summary>The scheduler's script of the gathering.</summary>
    public const string GatherJobFile = "gather.sh";

    /// <summary>What does one run.</summary>
    public const string RunFile = "run.ps1";

    /// <summary>What gathers the runs.</summary>
    public const string GatherFile = "gather.ps1";

    /// <summary>Index and folder of each run that was submitted, a line each.</summary>
    public const string RunsFile = "runs.txt";

    /// <summary>What was submitted last.</summary>
    public const string SubmissionFile = "submission.json";

    /// <summary>The page over all runs.</summary>
    public const string ReportFile = "report.html";

    /// <summary>The table over all runs.</summary>
    public const string TableFile = "runs.csv";

    /// <summary>Folder of what the tasks wrote.</summary>
    /// <param name="plan">The plan's folder.</param>
    public static string Logs(string plan) => Path.Combine(plan, "logs");

    /// <summary>Folder with what models answered while examples were made; see <see cref="ExperimentInputs"/>.</summary>
    /// <param name="plan">The plan's folder.</param>
    public static string Answers(string plan) => Path.Combine(plan, "answers");
}
