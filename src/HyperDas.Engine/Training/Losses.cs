using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>The losses of HyperDAS (docs/methods.md#losses).</summary>
public static class Losses
{
    /// <summary>
    /// Mean over all label tokens of the batch of weight × cross entropy. The mean divides by the number of tokens, not by the sum of
    /// weights, as the original does (docs/methods.md#prediction).
    /// </summary>
    /// <param name="logits">One row per label token, <c>[labels, vocabulary]</c>.</param>
    /// <param name="labels">Token ids, <c>[labels]</c>.</param>
    /// <param name="weights">ω of each token's example, <c>[labels]</c>; null for 1.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Prediction(Tensor logits, Tensor labels, Tensor? weights)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor each = OfTokens(logits, labels);
        return (weights is null ? each : each * weights).mean().MoveToOuterDisposeScope();
    }

    /// <summary>Cross entropy of each label token, <c>[labels]</c>.</summary>
    /// <param name="logits">As for <see cref="Prediction"/>.</param>
    /// <param name="labels">As for <see cref="Prediction"/>.</param>
    internal static Tensor OfTokens(Tensor logits, Tensor labels) =>
        nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);

    /// <summary>
    /// The original's sparsity term (docs/methods.md#sparsity): a source token whose weights over all base tokens sum to more than 1 is
    /// charged that whole sum; mean over the batch.
    /// </summary>
    /// <param name="weights">Soft selection weights, <c>[batch, source + 1, base]</c>.</param>
    /// <param name="charge">The whole sum, as in the original, or only the part above 1.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Sparsity(Tensor weights, SparsityCharge charge = SparsityCharge.WholeMass)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sums = weights.narrow(1, 0, weights.shape[1] - 1).sum([2L]);
        Tensor charged = charge == SparsityCharge.Excess ? (sums - 1).clamp_min(0) : sums * (sums > 1).to_type(sums.dtype);
        return charged.sum([1L]).mean().MoveToOuterDisposeScope();
    }
}
