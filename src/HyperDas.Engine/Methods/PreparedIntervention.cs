using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods;

/// <summary>A validated and tokenised request, ready to share a batch.</summary>
/// <param name="Request">The request.</param>
/// <param name="Mode">How selection weights are turned into a patch.</param>
/// <param name="Tokens">The prompts and the instruction as tokens, without a label.</param>
public sealed record PreparedIntervention(InterventionRequest Request, SelectionMode Mode, TokenizedExample Tokens);
