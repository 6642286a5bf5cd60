using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>The interchange itself (docs/methods.md#the-edit).</summary>
public static class Interchange
{
    /// <summary>
    /// Edits the first columns of the base's hidden states: h ← h + change( h, Σ_s w[s] h_src[s] + w[self] h − h ). Columns whose "no
    /// intervention" weight is 1 don't change.
    /// </summary>
    /// <param name="hidden">Base hidden states at the intervention layer, <c>[batch, base tokens, d]</c>.</param>
    /// <param name="source">Source hidden states at the same layer, <c>[batch, source, d]</c>.</param>
    /// <param name="weights">Applied selection weights, <c>[batch, source + 1, columns]</c>; columns beyond the base
    /// tokens have no effect.</param>
    /// <param name="change">The change that the edit adds.</param>
    /// <returns>Edited hidden states, as <paramref name="hidden"/>.</returns>
    public static Tensor Apply(Tensor hidden, Tensor source, Tensor weights, HiddenChange change)
    {
        using DisposeScope scope = NewDisposeScope();
        long sources = weights.shape[1] - 1, columns = Math.Min(weights.shape[2], hidden.shape[1]), rest = hidden.shape[1] - columns;
        if (columns < weights.shape[2])
        {
            weights = weights.narrow(2, 0, columns);
        }
        Tensor present = hidden.narrow(1, 0, columns);
        Tensor wide = present.to_type(weights.dtype);
        Tensor moved = weights.narrow(1, 0, sources).transpose(1, 2).bmm(source.to_type(weights.dtype));
        // Columns of w sum to 1, so mix − h = Σ w h_src − (1 − w_self) h.
        Tensor delta = moved - wide * (1 - weights.select(1, sources)).unsqueeze(-1);
        Tensor edited = present + change(wide, delta).to_type(hidden.dtype);
        return (rest == 0 ? edited : cat([edited, hidden.narrow(1, columns, rest)], 1)).MoveToOuterDisposeScope();
    }

    /// <summary>Like <see cref="Apply(Tensor, Tensor, Tensor, HiddenChange)"/>, with an edit that depends only on the difference.</summary>
    /// <param name="hidden">Base hidden states at the intervention layer, <c>[batch, base tokens, d]</c>.</param>
    /// <param name="source">Source hidden states at the same layer, <c>[batch, source, d]</c>.</param>
    /// <param name="weights">Applied selection weights, <c>[batch, source + 1, columns]</c>; columns ≤ base tokens.</param>
    /// <param name="project">A prepared subspace.</param>
    /// <returns>Edited hidden states, as <paramref name="hidden"/>.</returns>
    public static Tensor Apply(Tensor hidden, Tensor source, Tensor weights, Func<Tensor, Tensor> project) =>
        Apply(hidden, source, weights, (_, delta) => project(delta));
}
