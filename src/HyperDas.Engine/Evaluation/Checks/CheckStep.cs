namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>One check that can be made, so that whoever shows the results can show each when it is there.</summary>
/// <param name="Name">Name of the check.</param>
/// <param name="Run">Makes it; the token is checked between runs of the model.</param>
public sealed record CheckStep(string Name, Func<CancellationToken, ModelCheck> Run);
