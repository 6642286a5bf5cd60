namespace HyperDas.Engine.Methods;

/// <summary>Two prompts and a concept, as a user writes them.</summary>
/// <param name="BasePrompt">The prompt that is edited.</param>
/// <param name="CounterfactualPrompt">The prompt that the feature's value comes from.</param>
/// <param name="Concept">What to patch, in plain language, e.g. <c>the country of a city</c>.</param>
/// <param name="BaseEntity">
/// What the base prompt is about, e.g. <c>Vienna</c>: its last occurrence. Only tokens up to it may then be read and edited; null: all may.
/// </param>
/// <param name="CounterfactualEntity">The same for the counterfactual prompt.</param>
public sealed record InterventionRequest(
    string BasePrompt, string CounterfactualPrompt, string Concept, string? BaseEntity = null, string? CounterfactualEntity = null);
