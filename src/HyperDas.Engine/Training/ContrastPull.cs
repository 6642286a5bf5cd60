using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>
/// The gradient of a batch's contrast loss with respect to its concept vectors, for a batch that is processed in parts: the loss compares
/// examples of different parts, whose forward passes aren't in memory together (Gao et al. 2021, "Scaling Deep Contrastive Learning Batch
/// Size under Memory Limited Setup").
/// </summary>
/// <param name="loss">The loss of the whole batch.</param>
/// <param name="gradients">Its gradient for each part in order, <c>[part, d]</c>.</param>
internal sealed class ContrastPull(Tensor loss, Tensor[] gradients)
{
    /// <summary>The pull on the concept vectors of all parts.</summary>
    /// <param name="concepts">Those of each part, <c>[part, d]</c>, without a graph.</param>
    /// <param name="groups">What each describes.</param>
    /// <returns>Its tensors belong to the caller's dispose scope; null if no two describe the same.</returns>
    public static ContrastPull? Of(Tensor[] concepts, IReadOnlyList<ConceptKey?> groups)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor all = cat(concepts).requires_grad_();
        if (ConceptContrast.Loss(all, groups) is not { } loss)
        {
            return null;
        }
        Tensor gradient = autograd.grad([loss], [all])[0];
        return new ContrastPull(
            loss.detach().MoveToOuterDisposeScope(),
            [.. gradient.split([.. concepts.Select(part => part.shape[0])]).Select(part => part.MoveToOuterDisposeScope())]);
    }

    /// <summary>A part's share of the loss, with the loss's gradient.</summary>
    /// <param name="part">Which part.</param>
    /// <param name="concepts">Its concept vectors, <c>[part, d]</c>, with their graph.</param>
    /// <returns>A scalar in the caller's dispose scope; those of all parts sum to the loss.</returns>
    public Tensor Of(int part, Tensor concepts)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor linear = (concepts * gradients[part]).sum();
        return (linear - linear.detach() + (loss / gradients.Length)).MoveToOuterDisposeScope();
    }
}
