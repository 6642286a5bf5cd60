namespace HyperDas.Engine.Reports.Plots;

/// <summary>The metrics of one training, with a name for the legend.</summary>
/// <param name="Name">E.g. <c>HyperDas, layer 3</c>.</param>
/// <param name="Steps">Metrics in order.</param>
public sealed record TrainingRun(string Name, IReadOnlyList<TrainingStep> Steps);
