using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>A linear layer of a hypernetwork's block.</summary>
internal abstract class Projection
{
    /// <summary>Applies the layer.</summary>
    /// <param name="x"><c>[..., inputs]</c>, float32.</param>
    /// <returns><c>[..., outputs]</c>, in the caller's dispose scope.</returns>
    public abstract Tensor Apply(Tensor x);
}

/// <summary>A linear layer that is trained in full.</summary>
/// <param name="weight"><c>[outputs, inputs]</c>.</param>
internal sealed class WholeProjection(TrainableTensor weight) : Projection
{
    /// <inheritdoc/>
    public override Tensor Apply(Tensor x) => nn.functional.linear(x, weight);
}

/// <summary>
/// A linear layer with the target model's own weight W, neither copied nor changed, plus a trained product of two narrow matrices: y = W x
/// + s B A x (LoRA, Hu et al. 2021). B is initialised to 0, which makes the initial layer equal to a copy of W.
/// </summary>
internal sealed class AdaptedProjection : Projection
{
    /// <summary>s.</summary>
    private const double Strength = 2;

    private readonly Tensor _weight;
    private readonly double _factor;
    private readonly TrainableTensor _in, _out;

    /// <param name="store">Store of the narrow matrices.</param>
    /// <param name="name">Name on disk.</param>
    /// <param name="weight">W, <c>[outputs, inputs]</c>, in any format; it belongs to the model, which must outlive this object.</param>
    /// <param name="factor">The family's factor of the product with W.</param>
    /// <param name="rank">Width of the narrow matrices.</param>
    /// <param name="generator">Source of random initial values.</param>
    public AdaptedProjection(ParameterStore store, string name, Tensor weight, double factor, int rank, Generator generator)
    {
        _weight = weight;
        _factor = factor;
        _in = store.Add($"{name}.lora_A.weight", ParameterGroup.Main, Initialise.Linear(rank, weight.shape[1], generator));
        _out = store.Add($"{name}.lora_B.weight", ParameterGroup.Main, zeros(weight.shape[0], rank));
    }

    /// <summary>Number of trained values.</summary>
    /// <param name="rank">Width of the narrow matrices.</param>
    /// <param name="inputs">Number of inputs of the layer.</param>
    /// <param name="outputs">Number of outputs of the layer.</param>
    public static double Size(double rank, double inputs, double outputs) => rank * (inputs + outputs);

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor fixedPart = Products.Linear(x, _weight);
        fixedPart = _factor == 1 ? fixedPart : fixedPart * _factor;
        return fixedPart.add(nn.functional.linear(nn.functional.linear(x, _in), _out), Strength).MoveToOuterDisposeScope();
    }
}
