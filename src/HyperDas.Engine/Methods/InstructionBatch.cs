using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>Instructions of a batch, padded on the right, which a causal mask hides.</summary>
/// <param name="Ids"><c>[batch, length]</c>, int64.</param>
/// <param name="Lengths">Tokens per instruction, <c>[batch]</c>, int64, at least 1.</param>
/// <param name="AnyPadded">Whether any instruction is shorter than the longest.</param>
public sealed record InstructionBatch(Tensor Ids, Tensor Lengths, bool AnyPadded);
