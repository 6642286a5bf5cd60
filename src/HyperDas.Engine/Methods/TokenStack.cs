using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>
/// The hidden states that a hypernetwork can read: only the visible tokens of each prompt, packed to the front, with every vector scaled to
/// norm 1 (docs/methods.md#hidden-states-and-layers).
/// </summary>
/// <param name="Unit"><c>[batch, tokens, levels, d]</c>, levels = L + 1, or 1 for the intervention layer alone;
/// zeros beyond a row's count.</param>
/// <param name="Visible"><c>[batch, tokens]</c>, bool.</param>
/// <param name="Counts">Visible tokens per row, <c>[batch]</c>, int64.</param>
public sealed record TokenStack(Tensor Unit, Tensor Visible, Tensor Counts)
{
    /// <summary>The unit vectors of one layer.</summary>
    /// <param name="layer">0 to L.</param>
    /// <returns><c>[batch, tokens, d]</c>.</returns>
    public Tensor Layer(int layer) => Unit.select(2, Unit.shape[2] == 1 ? 0 : layer);
}
