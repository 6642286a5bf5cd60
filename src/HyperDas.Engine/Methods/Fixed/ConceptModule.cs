using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Fixed;

/// <summary>The parameters of a method for one concept, which change the last entity token's hidden vector.</summary>
public abstract class ConceptModule
{
    /// <summary>Number of patched dimensions: rank, latents or hidden dimensions.</summary>
    public abstract int Dimension { get; }

    /// <summary>Computes the change; rows are examples.</summary>
    /// <param name="present">b, the base's hidden vectors, <c>[examples, d]</c>, float32.</param>
    /// <param name="delta">s − b, <c>[examples, d]</c>, float32.</param>
    /// <param name="training">Whether gradients are needed: masks that are discrete later may then be soft.</param>
    /// <returns>o − b, <c>[examples, d]</c>, in the caller's dispose scope.</returns>
    public abstract Tensor Change(Tensor present, Tensor delta, bool training);

    /// <summary>An additional term of the training loss; null when there is none.</summary>
    public virtual Tensor? Penalty() => null;

    /// <summary>Sets the temperature of modules that have one.</summary>
    /// <param name="temperature">T &gt; 0.</param>
    public virtual void SetTemperature(double temperature)
    {
    }
}
