namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>A check that can be run on its own, so that each result can be shown as soon as it is available.</summary>
/// <param name="Name">Name of the check.</param>
/// <param name="Run">Runs it; the token is checked between runs of the model.</param>
public sealed record CheckStep(string Name, Func<CancellationToken, ModelCheck> Run);
