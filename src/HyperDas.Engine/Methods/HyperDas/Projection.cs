using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>A linear layer of a hypernetwork's block.</summary>
internal abstract class Projection
{
    /// <summary>Applies it.</summary>
    /// <param name="x"><c>[..., inputs]</c>, float32.</param>
    /// <returns><c>[..., outputs]</c>, in the caller's dispose scope.</returns>
    public abstract Tensor Apply(Tensor x);
}

/// <summary>A linear layer that is trained as a whole.</summary>
/// <param name="weight"><c>[outputs, inputs]</c>.</param>
internal sealed class WholeProjection(TrainableTensor weight) : Projection
{
    /// <inheritdoc/>
    public override Tensor Apply(Tensor x) => nn.functional.linear(x, weight);
}

/// <summary>
/// A linear layer whose weight W is the target model's own, not copied and never changed, and beside it a product of two narrow matrices
/// that are trained: y = W x + s B A x (LoRA, Hu et al. 2021). B begins at 0, so that it begins as the copy of W would.
/// </summary>
internal sealed class AdaptedProjection : Projection
{
    /// <summary>s.</summary>
    private const double Strength = 2;

    private readonly Tensor _weight;
    private readonly double _factor;
    private readonly TrainableTensor _in, _out;

    /// <param name="store">Where the narrow matrices live.</param>
    /// <param name="name">Name on disk.</param>
    /// <param name="weight">W, <c>[outputs, inputs]</c>, in any format; it belongs to the model, which must outlive this.</param>
    /// <param name="factor">What the family multiplies W's product by.</param>
    /// <param name="rank">Width of the narrow matrices.</param>
    /// <param name="generator">Source of random starts.</param>
    public AdaptedProjection(ParameterStore store, string name, Tensor weight, double factor, int rank, Generator generator)
    {
        _weight = weight;
        _factor = factor;
        _in = store.Add($"{name}.lora_A.weight", ParameterGroup.Main, Initialise.Linear(rank, weight.shape[1], generator));
        _out = store.Add($"{name}.lora_B.weight", ParameterGroup.Main, zeros(weight.shape[0], rank));
    }

    /// <summary>Numbers that are trained.</summary>
    /// <param name="rank">Width of the narrow matrices.</param>
    /// <param name="inputs">Inputs of the layer.</param>
    /// <param name="outputs">Its outputs.</param>
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
