using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics;

/// <summary>Initial values, always from an explicit generator.</summary>
public static class Initialise
{
    /// <summary>Uniform in ±1/√inputs: the framework's default for a bias-free linear layer.</summary>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="generator">Source of randomness.</param>
    public static Tensor Linear(long outputs, long inputs, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        double bound = 1 / Math.Sqrt(inputs);
        return ((rand([outputs, inputs], generator: generator) * (2 * bound)) - bound).MoveToOuterDisposeScope();
    }

    /// <summary>Normal with mean 0.</summary>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="deviation">Standard deviation.</param>
    /// <param name="generator">Source of randomness.</param>
    public static Tensor Normal(long outputs, long inputs, double deviation, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        return (randn([outputs, inputs], generator: generator) * deviation).MoveToOuterDisposeScope();
    }
}
