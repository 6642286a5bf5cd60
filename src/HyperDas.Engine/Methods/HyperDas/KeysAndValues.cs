using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>Projected keys and values of one prompt for one block.</summary>
/// <param name="Keys"><c>[batch, groups, entries, headWidth]</c>, rotated.</param>
/// <param name="Values"><c>[batch, groups, entries, headWidth]</c>.</param>
/// <param name="Mask">Additive, <c>[batch, 1, 1, entries]</c>.</param>
internal readonly record struct KeysAndValues(Tensor Keys, Tensor Values, Tensor Mask);
