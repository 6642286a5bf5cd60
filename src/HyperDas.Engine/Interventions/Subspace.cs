using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// What is patched. Every kind is linear in the difference Δ between the mixed-in and the present hidden vectors, so an edit is
/// h ← h + project(Δ) (docs/methods.md#subspaces).
/// </summary>
public abstract class Subspace
{
    /// <summary>Prepares the projection for one batch: everything that doesn't depend on where the patch goes.</summary>
    /// <param name="concept">e, the instruction's last hidden vector, <c>[batch, d]</c>.</param>
    /// <returns>Maps Δ <c>[batch, tokens, d]</c> to the edit of the same shape. Its tensors belong to the caller's dispose scope.</returns>
    public abstract Func<Tensor, Tensor> Prepare(Tensor concept);

    /// <summary>Sets the temperature of the kinds that have one (docs/methods.md#schedules); others ignore it.</summary>
    /// <param name="temperature">τ &gt; 0.</param>
    public virtual void SetTemperature(double temperature)
    {
    }
}

/// <summary>The whole vector (docs/methods.md#the-edit, "vanilla").</summary>
public sealed class WholeSpace : Subspace
{
    /// <inheritdoc/>
    public override Func<Tensor, Tensor> Prepare(Tensor concept) => delta => delta.alias();
}
