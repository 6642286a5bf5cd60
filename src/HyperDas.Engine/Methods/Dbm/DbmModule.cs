using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Dbm;

/// <summary>
/// DBM: a mask m over hidden dimensions, soft in training (g = σ(m / T)), hard afterwards (m &gt; 0) (docs/methods.md#dbm). Unlike in the
/// original, it is hard whenever it isn't being trained, and a mask without any positive entry swaps nothing.
/// </summary>
public sealed class DbmModule : ConceptModule
{
    private readonly TrainableTensor _mask;
    private readonly double _penalty;
    private double _temperature = 1;

    /// <summary>Creates the module and registers its parameter, m = 0.</summary>
    /// <param name="store">Store of its state.</param>
    /// <param name="prefix">Prefix of its names on disk.</param>
    /// <param name="dimension">d.</param>
    /// <param name="penalty">c, weight of Σ g in the loss.</param>
    public DbmModule(ParameterStore store, string prefix, int dimension, double penalty)
    {
        _mask = store.Add(prefix + "mask", ParameterGroup.MaskProjection, zeros(dimension));
        _penalty = penalty;
    }

    /// <inheritdoc/>
    public override int Dimension
    {
        get
        {
            using DisposeScope scope = NewDisposeScope();
            return (int)Hard().sum().item<long>();
        }
    }

    /// <inheritdoc/>
    public override void SetTemperature(double temperature) => _temperature = temperature;

    /// <inheritdoc/>
    public override Tensor Change(Tensor present, Tensor delta, bool training)
    {
        using DisposeScope scope = NewDisposeScope();
        return (delta * (training ? Soft() : Hard())).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor? Penalty()
    {
        if (_penalty == 0)
        {
            return null;
        }
        using DisposeScope scope = NewDisposeScope();
        return (Soft().sum() * _penalty).MoveToOuterDisposeScope();
    }

    private Tensor Soft() => (_mask.Value / _temperature).sigmoid();

    private Tensor Hard() => _mask.Value.detach() > 0;
}
