namespace HyperDas.Engine.Experiments.Plans;

/// <summary>The files that belong to all runs of a document, beside the folders of the runs.</summary>
public static class PlanFolder
{
    /// <summary>Folder with what models answered while examples were made; see <see cref="ExperimentInputs"/>.</summary>
    /// <param name="plan">The plan's folder.</param>
    public static string Answers(string plan) => Path.Combine(plan, "answers");
}
