using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Fixed;

/// <summary>What a method has learned about one concept: how the last entity token's hidden vector changes.</summary>
public abstract class ConceptModule
{
    /// <summary>Number of dimensions that it patches: rank, latents or hidden dimensions.</summary>
    public abstract int Dimension { get; }

    /// <summary>Computes the change; rows are examples.</summary>
    /// <param name="present">b, the base's hidden vectors, <c>[examples, d]</c>, float32.</param>
    /// <param name="delta">s − b, <c>[examples, d]</c>, float32.</param>
    /// <param name="training">Whether gradients are wanted: what is discrete afterwards may still be soft.</param>
    /// <returns>o − b, <c>[examples, d]</c>, in the caller's dispose scope.</returns>
    public abstract Tensor Change(Tensor present, Tensor delta, bool training);

    /// <summary>A term of the training loss beside the prediction; null when there is none.</summary>
    public virtual Tensor? Penalty() => null;

    /// <summary>Sets the temperature of modules that have one.</summary>
    /// <param name="temperature">T &gt; 0.</param>
    public virtual void SetTemperature(double temperature)
    {
    }
}
