using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// A full rotation O whose first β·d coordinates are swapped. The boundary β is learned through a soft mask γ_x = σ(x/τ) σ((βd − x)/τ)
/// (docs/methods.md#mask-and-boundary, "BoundlessDAS"): Δ ↦ (γ ⊙ Δ O) Oᵀ. It doesn't depend on the concept. The temperature is a trained
/// parameter that the schedule overwrites, as in the original.
/// </summary>
public sealed class BoundlessSubspace : Subspace
{
    private readonly OrthogonalBasis _basis;
    private readonly TrainableTensor _boundary;
    private readonly TrainableTensor _temperature;
    private readonly long _dimension;

    /// <summary>Creates the subspace and registers its parameters.</summary>
    /// <param name="store">Where its state lives.</param>
    /// <param name="dimension">d.</param>
    /// <param name="generator">Source of the random start.</param>
    public BoundlessSubspace(ParameterStore store, long dimension, Generator generator)
    {
        _dimension = dimension;
        _basis = new OrthogonalBasis(store, SubspaceNames.Rotation, dimension, dimension, generator);
        _boundary = store.Add(SubspaceNames.Boundary, ParameterGroup.Main, tensor(new[] { 0.5f }));
        _temperature = store.Add(SubspaceNames.Temperature, ParameterGroup.Main, tensor(50f));
    }

    /// <inheritdoc/>
    public override void SetTemperature(double temperature)
    {
        using (no_grad())
        {
            _temperature.Value.fill_(temperature);
        }
    }

    /// <inheritdoc/>
    public override Func<Tensor, Tensor> Prepare(Tensor concept)
    {
        Tensor rotation = _basis.Weight();
        Tensor mask = Mask();
        return delta =>
        {
            using DisposeScope scope = NewDisposeScope();
            return (delta.matmul(rotation) * mask).matmul(rotation.transpose(0, 1)).MoveToOuterDisposeScope();
        };
    }

    /// <summary>γ over the rotated coordinates.</summary>
    /// <returns><c>[d]</c>, 0 to 1.</returns>
    public Tensor Mask()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(_dimension, ScalarType.Float32, _boundary.Value.device);
        Tensor boundary = _boundary.Value.clamp(1e-3, 1) * _dimension;
        return ((x / _temperature).sigmoid() * ((boundary - x) / _temperature).sigmoid()).MoveToOuterDisposeScope();
    }
}
