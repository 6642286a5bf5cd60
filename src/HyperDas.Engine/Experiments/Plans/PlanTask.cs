using System.Globalization;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>The task of one process of a plan: a run, or a part of the search for a run's layer.</summary>
/// <param name="Run">The run.</param>
/// <param name="Worker">0 for the run; otherwise the number of the helper of its search.</param>
/// <param name="Plan">The plan's folder.</param>
public sealed record PlanTask(ExperimentRun Run, int Worker, string Plan)
{
    /// <summary>The argument of the plan's script: <c>3</c> for run 3, <c>3.1</c> for the first helper of its search.</summary>
    public string Name => Worker == 0
        ? Run.Index.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Run.Index}.{Worker}");

    /// <summary>Folder in which its attempts are recorded.</summary>
    public string Folder => Worker == 0 ? Run.Path : PlanFolder.Worker(Plan, Run.Index, Worker);
}
