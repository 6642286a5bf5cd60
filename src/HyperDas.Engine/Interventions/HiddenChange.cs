using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// The change that an edit adds to hidden vectors. Linear edits depend only on the difference; others, such as one that decodes a sparse
/// code, need the present vector. If the difference is 0 because nothing is mixed in, the change must be exactly 0.
/// </summary>
/// <param name="present">The base's hidden vectors, <c>[batch, tokens, d]</c>.</param>
/// <param name="delta">Mixed-in minus present vectors, <c>[batch, tokens, d]</c>.</param>
/// <returns>The change, <c>[batch, tokens, d]</c>, in the caller's dispose scope.</returns>
public delegate Tensor HiddenChange(Tensor present, Tensor delta);
