namespace HyperDas.Engine.Ravel;

/// <summary>A question and its correct answer, in the benchmark's words.</summary>
/// <param name="Prompt">A template with an entity filled in.</param>
/// <param name="Label">The gold value.</param>
public readonly record struct Fact(string Prompt, string Label);
