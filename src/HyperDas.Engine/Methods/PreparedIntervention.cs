using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods;

/// <summary>A request that was checked and tokenised, ready to share a batch.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Mode">How selection weights become a patch.</param>
/// <param name="Tokens">The prompts and the instruction as tokens, without a label.</param>
public sealed record PreparedIntervention(InterventionRequest Request, SelectionMode Mode, TokenizedExample Tokens);
