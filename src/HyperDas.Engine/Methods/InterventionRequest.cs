namespace HyperDas.Engine.Methods;

/// <summary>Two prompts and a concept, as written by a user.</summary>
/// <param name="BasePrompt">The prompt to edit.</param>
/// <param name="CounterfactualPrompt">The prompt that supplies the feature's value.</param>
/// <param name="Concept">What to patch, in plain language, e.g. <c>the country of a city</c>.</param>
/// <param name="BaseEntity">The entity of the base prompt, e.g. <c>Vienna</c>; its last occurrence is used. Only tokens up to it may then
/// be read and edited; null for the whole prompt.</param>
/// <param name="CounterfactualEntity">The same for the counterfactual prompt.</param>
public sealed record InterventionRequest(
    string BasePrompt, string CounterfactualPrompt, string Concept, string? BaseEntity = null, string? CounterfactualEntity = null);
